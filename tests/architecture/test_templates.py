"""Templates compile, and hold nothing that the strict content policy would block."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from tests.architecture.source import PACKAGE, templates

FORBIDDEN = {
    "a style attribute": re.compile(r"<[a-zA-Z][^>]*\sstyle\s*=", re.S),
    "a style element": re.compile(r"<style\b", re.I),
    "an event handler": re.compile(r"<[a-zA-Z][^>]*\son[a-z]+\s*=", re.S),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.I),
    "a javascript address": re.compile(r"javascript:", re.I),
    "an address of another machine": re.compile(r"(?:src|href|action)=\"(?:https?:)?//", re.I),
}


def faults(text: str) -> list[str]:
    without_comments = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", text, flags=re.S)
    return [what for what, pattern in FORBIDDEN.items() if pattern.search(without_comments)]


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(PACKAGE / "templates").as_posix())
def test_a_template_compiles_and_keeps_to_the_content_policy(path: Path) -> None:
    get_template(path.relative_to(PACKAGE / "templates").as_posix())
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p class="a" style="color:red">',
        "<style>p{}</style>",
        '<a href="#" onclick="go()">',
        "<script>go()</script>",
        '<a href="javascript:go()">',
        '<script src="https://cdn.example/x.js"></script>',
    ],
)
def test_the_rule_about_templates_can_fail(text: str) -> None:
    assert faults(text)


def test_what_the_content_policy_allows_is_let_through() -> None:
    assert faults('<script src="{% static "build/app.js" %}" defer></script><p data-on="x" class="style">') == []

"""What the house says is said in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog, Message

from jiafang.config.catalogs import LANGUAGES, gather, read_catalog, untranslated
from tests.architecture.source import PACKAGE, Module, broken, dotted, templates

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "gettext_noop"}
# Chinese words that are data and not said to anybody, each folder or file with its reason.
DATA = {
    "organization/roster/": "words of workbooks as they come",
    "organization/services/roster/": "words of workbooks as they come",
    "organization/care_tag_kinds.py": "kinds of tags are data of the bureau",
    "care/rules.py": "categories are data of the bureau",
    "care/first_resources.py": "where help is found is data of the district",
    "organization/models/units.py": "names of grades are proper names, titles are data of the school",
    "organization/pinyin.py": "characters and how they are read",
    "demonstration/": "an invented district",
    "visits/questions/define.py": "the choice that XLSForm calls other is written in both languages",
    "visits/questions/languages.py": "names of languages as forms spell them",
    "visits/questions/template.py": "an example form, in both languages",
    "web/roster/": "words of workbooks as they come",
    "web/exports/": "names of typefaces and the shape of wall paper",
    "planner/": "a library of its own, without gettext; its reasons are put into words by the pages",
    "web/components/guide/samples.py": "invented people of the style guide",
    "config/demo.py": "the name of the house",
}
# Languages are called by their own names; the style guide shows invented people.
NAMES_IN_TEMPLATES = {"components/language_switch.html", "look/parts.html"}


def compared(catalog: Catalog, found: Catalog) -> Catalog:
    catalog.update(found, no_fuzzy_matching=True)
    return catalog


def placeholder_faults(message: Message) -> list[str]:
    """Forms of the translation whose placeholders differ from those of the message."""
    source = message.id if isinstance(message.id, str) else message.id[0]
    forms = [message.string] if isinstance(message.string, str) else message.string
    wanted = sorted(PLACEHOLDER.findall(source))
    return [form for form in forms if form and sorted(PLACEHOLDER.findall(form)) != wanted]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_words_and_none_is_left_over(language: str) -> None:
    catalog = compared(read_catalog(language), gather())
    assert [message.id for message in untranslated(catalog)] == []
    assert list(catalog.obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    assert [fault for message in read_catalog(language) if message.id for fault in placeholder_faults(message)] == []


def test_a_missing_a_doubtful_and_a_misspelt_translation_are_noticed() -> None:
    catalog = Catalog(locale="en")
    catalog.add("今天", "")
    catalog.add("明天", "Tomorrow", flags=["fuzzy"])
    catalog.add(("%(n)s 家", "%(n)s 家"), ("%(n)s family", ""))
    found = Catalog()
    for message in ("今天", "明天", ("%(n)s 家", "%(n)s 家"), "昨天"):
        found.add(message)
    assert len(untranslated(compared(catalog, found))) == 4
    assert placeholder_faults(Message("%(day)s 前", "by %(date)s"))
    assert placeholder_faults(Message(("%(n)s 家", "%(n)s 家"), ("one family", "%(n)s families")))


def test_the_source_of_every_message_is_chinese() -> None:
    without = [
        source
        for message in gather()
        if message.id
        for source in [message.id if isinstance(message.id, str) else message.id[0]]
        if not CHINESE.search(source) and re.search(r"[A-Za-z]{2}", PLACEHOLDER.sub("", source))
    ]
    assert without == []


def chinese_without_gettext(module: Module) -> Iterator[str]:
    """Chinese text in code that no gettext call and no docstring holds."""
    if any(module.name.startswith(known) for known in DATA):
        return
    said: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in GETTEXT:
            said |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr):
                said.add(id(first.value))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.add(id(node.value))
    for node in ast.walk(module.tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)
        if text and id(node) not in said:
            yield f"{module.place(node)} {node.value!r}"


def test_what_the_code_says_goes_through_gettext() -> None:
    assert broken(chinese_without_gettext) == []


def test_the_rule_about_gettext_can_fail() -> None:
    assert broken(chinese_without_gettext, [Module("web/x.py", "title = '今日家访'")])
    assert broken(chinese_without_gettext, [Module("web/x.py", "title = f'{n} 位'")])
    assert not broken(chinese_without_gettext, [Module("web/x.py", '"""今日"""\ntitle = _("今日家访")')])


def chinese_of_template(text: str) -> list[str]:
    """Chinese words of a template outside of translated parts."""
    plain = re.sub(
        r"{#.*?#}|{% comment.*?endcomment %}|{% blocktranslate.*?endblocktranslate %}"
        r"|{% translate [^%]*%}|_\(\"[^\"]*\"\)",
        "",
        text,
        flags=re.S,
    )
    return CHINESE.findall(plain)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE / "templates").as_posix()


@pytest.mark.parametrize("path", [p for p in templates() if name_of(p) not in NAMES_IN_TEMPLATES], ids=name_of)
def test_what_a_template_says_is_translated(path: Path) -> None:
    assert chinese_of_template(path.read_text(encoding="utf-8")) == []


def test_the_rule_about_templates_and_gettext_can_fail() -> None:
    assert chinese_of_template("<p>今天</p>")
    assert not chinese_of_template('<p>{% translate "今天" %}</p>{# 今天 #}{% panel title=_("今天") %}')

"""Headings with lines of label and value as a PDF file, to read on a phone or on paper."""

import json
from collections.abc import Sequence
from pathlib import Path

import typst
from django.utils.translation import gettext as _

from jiafang.web.exports.pdf import typefaces
from jiafang.web.exports.watermark import Watermark

_LAYOUT = Path(__file__).with_name("facts.typ")


def facts_pdf(title: str, sections: Sequence[tuple[str, Sequence[tuple[str, str]]]], mark: Watermark) -> bytes:
    return typst.compile(
        str(_LAYOUT),
        font_paths=typefaces(),
        sys_inputs={
            "title": title,
            "mark": mark.line,
            "nothing": _("没有记录"),
            "sections": json.dumps([[heading, list(lines)] for heading, lines in sections], ensure_ascii=False),
        },
    )

"""The sheets for the wall as a PDF file."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst
from django.utils.translation import gettext as _

from jiafang.web.exports.watermark import Watermark
from jiafang.web.timetable.sheet import Sheet

_LAYOUT = Path(__file__).with_name("timetable.typ")


@cache
def typefaces() -> list[str]:
    return [str(pylopdf_fonts_zh_cn.sans_path().parent)]


def pdf(sheets: Sequence[Sheet], mark: Watermark) -> bytes:
    """One part for each sheet, its headings repeated on every page, and who took it out of the house."""
    return typst.compile(
        str(_LAYOUT),
        font_paths=typefaces(),
        # Tags would make the file fifteen times larger; who listens instead of looking uses the page itself.
        pdf_tags=False,
        sys_inputs={
            "sheets": json.dumps([asdict(sheet) for sheet in sheets], ensure_ascii=False),
            "mark": mark.line,
            "faint": mark.faint,
            "page": _("第 %(page)s 页,共 %(pages)s 页") % {"page": "{page}", "pages": "{pages}"},
        },
    )

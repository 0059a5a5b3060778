"""What the house says: messages gathered from code and templates, and the catalogs that translate them.

Chinese is the source language. Babel does what GNU gettext would, so that nothing needs to be installed.
"""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = PACKAGE / "locale"
LANGUAGES = ("en",)
WIDTH = 118
# A fixed moment, so that gathering again changes nothing but messages.
_EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_TEMPLATE_ENDINGS = (".html", ".txt", ".js", ".webmanifest")


def gather() -> Catalog:
    """Every message of the package, with the files in which it occurs."""
    found = Catalog(charset="utf-8")
    for path in _sources():
        place = path.relative_to(PACKAGE.parent).as_posix()
        for message, context in _messages_of(path, place):
            found.add(message, locations=[(place, 0)], context=context)
    return found


def _sources() -> list[Path]:
    code = [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]
    templates = [path for path in (PACKAGE / "templates").rglob("*") if path.suffix in _TEMPLATE_ENDINGS]
    return sorted(code + templates)


def _messages_of(path: Path, place: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = templatize(text, origin=place)
    for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), _KEYWORDS):
        if message:
            yield message, context


def catalog_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read_catalog(language: str) -> Catalog:
    """The catalog of a language, empty where there is none yet."""
    path = catalog_path(language)
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update_catalog(language: str, found: Catalog) -> Catalog:
    """Bring a catalog up to the messages found: new ones come without words, those no longer used go."""
    catalog = read_catalog(language)
    catalog.update(found, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.project, catalog.version, catalog.copyright_holder = "Jiafang", "0.1", "Jiafang"
    catalog.creation_date = catalog.revision_date = _EPOCH
    catalog.fuzzy = False
    catalog.msgid_bugs_address, catalog.last_translator, catalog.language_team = "", "Jiafang", "English"
    catalog.header_comment = "# Translations of Jiafang; written by `jiafang messages`, the words by people."
    path = catalog_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=WIDTH, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return catalog


def compile_catalog(language: str) -> Path:
    """Write the binary catalog that Django reads; it is made at set-up and never committed."""
    path = catalog_path(language).with_suffix(".mo")
    with path.open("wb") as file:
        write_mo(file, read_catalog(language))
    return path


def untranslated(catalog: Catalog) -> list[Message]:
    """Messages without words in every form, and those marked as doubtful."""
    return [message for message in catalog if message.id and (message.fuzzy or not _is_complete(message))]


def _is_complete(message: Message) -> bool:
    words = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return bool(words) and all(words)

"""Looks through the rows of a workbook before anything is made of them: what is not supported, what is left out."""

import re
from collections.abc import Iterable, Sequence

from jiafang.visits.questions.faults import CHOICES, SURVEY, Fault
from jiafang.visits.questions.languages import language_of

Row = Sequence[object]
Rows = dict[str, list[tuple[int, dict[str, str]]]]

# What the types are called in workbooks, and what they are here.
TYPES = {
    **dict.fromkeys(("text", "string", "q string", "add text prompt"), "text"),
    **dict.fromkeys(("phone number", "add phone number prompt", "q phone number"), "text"),
    **dict.fromkeys(("integer", "int", "q int", "add integer prompt"), "integer"),
    **dict.fromkeys(("decimal", "q decimal", "add decimal prompt"), "decimal"),
    **dict.fromkeys(("date", "q date", "add date prompt"), "date"),
    **dict.fromkeys(("time", "q time", "add time prompt"), "time"),
    **dict.fromkeys(("note", "q note", "add note prompt"), "note"),
}
_SELECT = re.compile(
    r"(?P<command>add select one prompt using|add select multiple prompt using|select all that apply from"
    r"|select one from|select1|select_one|select one|select_multiple|select all that apply) +(?P<list>\S+)"
    r"( (or specify other|or_other|or other))?"
)
_MANY = ("select_multiple", "select all that apply", "select all that apply from", "add select multiple prompt using")
_GROUP = re.compile(r"(begin|end)[ _]group")
_REPEAT = re.compile(r"(begin|end)[ _](repeat|loop|lgroup|looped group)\b.*")
_EXTERNAL = re.compile(r"select[ _](one|multiple)[ _](external|from[ _]file)\b.*")
_METADATA = re.compile(
    r"(get )?(start( time)?|end( time)?|today|device ?id|imei|subscriber ?id|sim ?(id|serial)|phonenumber|phone number"
    r"|user ?name|email|audit|start-geopoint|background-audio)"
)
_TRANSLATED = ("label", "hint", "bind::jr:constraintMsg", "bind::jr:requiredMsg")
_USED = {
    SURVEY: ("type", "name", "default", "bind::relevant", "bind::constraint", "bind::required", "choice_filter"),
    CHOICES: ("list name", "name", "label"),
}
_EXPLAINED = ("media", "control::appearance", "bind::readonly", "bind::calculate", "trigger", "disabled")
_SHEETS = ("survey", "choices", "settings")
_PYXFORM_ROW = re.compile(r"\[row : (\d+)\]")
_PYXFORM_SHEET = re.compile(r"(?:On the|for sheet:) '(\w+)'")
# What pyxform says, what it is called here, and which part of it is worth repeating.
_PYXFORM_SAYS = (
    (re.compile(r"List name not in choices sheet: (\S+)"), "no_list"),
    (re.compile(r"should be a choices sheet"), "no_list"),
    (re.compile(r"no name"), "no_name"),
    (re.compile(r"with no type"), "no_type"),
    (re.compile(r"Choices must have a name"), "no_choice_name"),
    (re.compile(r"Choice names must be unique"), "same_choice"),
    (re.compile(r"(?i)unmatched|did not match|'end|'begin|begin statement|end statement"), "unmatched"),
    (re.compile(r"Could not find the name '([^']+)'"), "unknown_reference"),
)


def simple_type(written: str) -> str:
    """Our type of what the column type says, groups aside; empty if it is not supported."""
    plain = " ".join(written.split())
    if plain.lower() in TYPES:
        return TYPES[plain.lower()]
    select = _SELECT.fullmatch(plain)
    if select:
        return "select_multiple" if select["command"] in _MANY else "select_one"
    return ""


def look_through(sheets: Iterable[str], rows: Rows) -> tuple[list[Fault], list[Fault]]:
    """What makes the workbook impossible to take, and what is left out of it, in the order of the sheets."""
    faults: list[Fault] = []
    remarks: list[Fault] = []
    for sheet in sheets:
        if sheet.lower() == "entities":
            faults.append(Fault("entities", sheet, 1))
        elif sheet.lower() not in _SHEETS and not sheet.startswith("_"):
            remarks.append(Fault("left_sheet", sheet))
    for number, cells in rows[SURVEY]:
        if _disabled(cells):
            continue
        faults += _faults_of(number, cells)
    for sheet in (SURVEY, CHOICES):
        remarks += _left_columns(sheet, rows[sheet])
    for number, cells in rows[SURVEY]:
        remarks += _left_in_row(SURVEY, number, cells)
    for number, cells in rows[CHOICES]:
        if cells.get("name") and not any(column.split("::")[0] == "label" for column in cells):
            remarks.append(Fault("no_label", CHOICES, number, {"value": cells["name"]}))
    return faults, remarks


def _disabled(cells: dict[str, str]) -> bool:
    return cells.get("disabled", "").lower() in ("yes", "true", "true()")


def _faults_of(number: int, cells: dict[str, str]) -> list[Fault]:
    written = " ".join(cells.get("type", "").split())
    lowered = written.lower()
    if not written:
        return []
    found: list[Fault] = []
    if _REPEAT.fullmatch(lowered):
        found.append(Fault("repeat", SURVEY, number, {"value": written}))
    elif _EXTERNAL.fullmatch(lowered) or "${" in written:
        found.append(Fault("external", SURVEY, number))
    elif lowered not in TYPES and _METADATA.fullmatch(lowered):
        found.append(Fault("metadata", SURVEY, number, {"value": written}))
    elif not _GROUP.fullmatch(lowered) and not simple_type(written):
        code = "calculation" if lowered == "calculate" else "type"
        found.append(Fault(code, SURVEY, number, {"value": written} if code == "type" else {}))
    if "bind::calculate" in cells and lowered != "calculate":
        found.append(Fault("calculation", SURVEY, number))
    if "trigger" in cells:
        found.append(Fault("trigger", SURVEY, number))
    if any("saveto" in column for column in cells):
        found.append(Fault("entities", SURVEY, number))
    return found


def _left_in_row(sheet: str, number: int, cells: dict[str, str]) -> list[Fault]:
    left = []
    if look := cells.get("control::appearance"):
        left.append(Fault("left_appearance", sheet, number, {"value": look}))
    if cells.get("bind::readonly", "no").lower() in ("yes", "true", "true()"):
        left.append(Fault("left_readonly", sheet, number))
    return left


def _left_columns(sheet: str, rows: list[tuple[int, dict[str, str]]]) -> list[Fault]:
    """Columns with something in them that is not used; said once, at the row of the headers."""
    left: dict[str, Fault] = {}
    for _number, cells in rows:
        for column in cells:
            if column not in left and (fault := _left_column(sheet, column)):
                left[column] = fault
    return list(left.values())


def _left_column(sheet: str, column: str) -> Fault | None:
    translated = next((name for name in _TRANSLATED if column == name or column.startswith(name + "::")), None)
    if translated:
        language = column[len(translated) + 2 :]
        known = not language or language_of(language) or language == "default"
        return None if known else Fault("left_language", sheet, 1, {"value": column})
    first = column.split("::")[0]
    if first == "media":
        return Fault("left_media", sheet, 1, {"value": column.removeprefix("media::")})
    if column in _USED[sheet] or column in _EXPLAINED or sheet == CHOICES:
        return None  # other columns of choices may serve a choice_filter
    return Fault("left_column", sheet, 1, {"value": column})


def words_of_pyxform(message: str) -> Fault:
    """What pyxform found, in our words where we have them, else in its own."""
    row = _PYXFORM_ROW.search(message)
    sheet = _PYXFORM_SHEET.search(message)
    number = int(row[1]) if row else 1
    place = sheet[1] if sheet else SURVEY
    for pattern, code in _PYXFORM_SAYS:
        if found := pattern.search(message):
            if code == "unknown_reference":
                return Fault("other", place, number, {"value": f"${{{found[1]}}}"})
            value = found[1] if found.groups() else ""
            return Fault(code, place, number, {"value": value} if code == "no_list" else {})
    if "eaders" in message:
        return Fault("headers", place, 1, {"value": "、".join(re.findall(r"'([^']+)'", message)[1:]) or message})
    return Fault("other", place, number, {"value": _PYXFORM_ROW.sub("", message).strip().split("\n")[0][:200]})

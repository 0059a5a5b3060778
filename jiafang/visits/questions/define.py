"""From what pyxform makes of a workbook to a definition of our own: groups, questions, choices, parsed expressions."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jiafang.visits.questions.expressions import ExpressionFault, Tree, names_in, parse, refers_to_itself
from jiafang.visits.questions.faults import CHOICES, SURVEY, Fault, WorkbookFault
from jiafang.visits.questions.languages import Texts, texts_of
from jiafang.visits.questions.rows import simple_type

Definition = dict[str, Any]
Item = dict[str, Any]

FORMAT = 1
MOST_QUESTIONS = 200
MOST_CHOICES = 1000
LONGEST_NAME = 60
LONGEST_TEXT = 500
_DEEPEST = 5
_ROW = "jiafang_row"
_NAME = re.compile(r"(?!__)[^\W\d][\w.-]*")
_CHOICE_NAME = re.compile(r"\S+")
# What pyxform calls groups and choices.
_CONTROLS = {"group": "group", "select one": "select_one", "select all that apply": "select_multiple"}
_YES = ("yes", "true", "true()")
_NO = ("no", "false", "false()", "")
_OWN_OF_CHOICE = {"name", "label", "media", "list name", _ROW}
_OTHER = {"zh": "其他", "en": "Other"}
_SAY_WHICH = {"zh": "请说明", "en": "Please say which"}


def define(form: Mapping[str, Any]) -> Definition:
    """The definition; raises WorkbookFault with everything in it that is not supported."""
    return _Defining(form).whole()


def questions_in(items: list[Item]) -> Iterator[Item]:
    """Every question and note, in the order in which they are asked."""
    for item in items:
        if item["type"] == "group":
            yield from questions_in(item["items"])
        else:
            yield item


class _Defining:
    def __init__(self, form: Mapping[str, Any]) -> None:
        self.form = form
        self.faults: list[Fault] = []
        self.rows: dict[str, int] = {}
        self.written: dict[str, dict[str, str]] = {}
        self.lists: dict[str, list[Item]] = {}
        self.filtered: dict[str, set[str]] = {}
        self.last_row = 1

    def whole(self) -> Definition:
        items = self.items(self.form["children"] or [], 0)
        questions = list(questions_in(items))
        if not questions:
            self.faults.append(Fault("no_questions", SURVEY))
        if len(questions) > MOST_QUESTIONS:
            self.faults.append(Fault("too_many_questions", SURVEY, facts={"most": MOST_QUESTIONS}))
        choices = {name: self.choices_of(name, rows) for name, rows in self.lists.items()}
        if sum(len(rows) for rows in choices.values()) > MOST_CHOICES:
            self.faults.append(Fault("too_many_choices", CHOICES, facts={"most": MOST_CHOICES}))
        order = self.check_references(items)
        for question in questions:
            self.check_default(question, choices)
        if self.faults:
            raise WorkbookFault(self.faults)
        return {"format": FORMAT, "items": items, "order": order, "choices": choices}

    def items(self, children: list[Mapping[str, Any]], depth: int) -> list[Item]:
        found = []
        for child in children:
            if _ROW in child:
                self.last_row = int(child[_ROW])
            elif child["type"] == "group":
                continue  # what pyxform itself adds about the form
            if child["type"] == "group" and depth == _DEEPEST:
                self.faults.append(Fault("too_deep", SURVEY, self.last_row))
                continue
            found.append(self.item(child, depth))
        return found

    def item(self, child: Mapping[str, Any], depth: int) -> Item:
        name = str(child["name"])
        row = self.last_row
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            self.faults.append(Fault("bad_name", SURVEY, row, {"name": name, "most": LONGEST_NAME}))
        if name in self.rows:
            self.faults.append(Fault("same_name", SURVEY, row, {"name": name}))
        self.rows[name] = row
        item: Item = {"type": _CONTROLS.get(child["type"]) or simple_type(child["type"]), "name": name}
        if _ROW not in child:
            item["label"] = _SAY_WHICH  # the question that pyxform adds for "or other"
        else:
            self.put_text(item, "label", child.get("label"))
        self.put_text(item, "hint", child.get("hint"))
        binding = child.get("bind") or {}
        self.put_text(item, "constraint_message", binding.get("jr:constraintMsg"))
        self.put_text(item, "required_message", binding.get("jr:requiredMsg"))
        for key in ("relevant", "constraint"):
            self.put_expression(item, key, key, binding.get(key))
        self.put_required(item, binding.get("required"))
        if item["type"] == "group":
            item["items"] = self.items(child.get("children") or [], depth + 1)
            return item
        if item["type"] in ("select_one", "select_multiple"):
            self.put_choices(item, child)
        if child.get("default"):
            self.put_default(item, child)
        return item

    def put_text(self, item: Item, key: str, written: object) -> None:
        texts = texts_of(written)
        if any(len(text) > LONGEST_TEXT for text in texts.values()):
            self.faults.append(
                Fault("text_too_long", SURVEY, self.last_row, {"column": key, "most": LONGEST_TEXT}),
            )
        if texts:
            item[key] = texts

    def put_expression(self, item: Item, key: str, column: str, written: object, *, columns: bool = False) -> None:
        text = str(written or "").strip()
        if not text:
            return
        self.written.setdefault(item["name"], {})[key] = text
        try:
            tree = parse(text, columns=columns)
        except ExpressionFault as fault:
            facts = {"column": column, "value": text[:200], "why": str(fault)}
            self.faults.append(Fault("expression", SURVEY, self.last_row, facts))
            return
        item[key] = tree

    def put_required(self, item: Item, written: object) -> None:
        text = str(written or "").strip()
        if text.lower() in _YES:
            item["required"] = True
        elif text.lower() not in _NO:
            self.put_expression(item, "required", "required", text)

    def put_choices(self, item: Item, child: Mapping[str, Any]) -> None:
        name = str(child["itemset"])
        item["list"] = name
        self.lists[name] = child.get("choices") or (self.form["choices"] or {}).get(name) or []
        self.put_expression(item, "choice_filter", "choice_filter", child.get("choice_filter"), columns=True)
        if "choice_filter" in item:
            self.filtered.setdefault(name, set()).update(_columns_in(item["choice_filter"]))

    def choices_of(self, name: str, rows: Sequence[Mapping[str, Any]]) -> list[Item]:
        found = []
        for row in rows:
            number = int(row[_ROW]) if _ROW in row else None
            called = str(row["name"])
            if not _CHOICE_NAME.fullmatch(called) or len(called) > LONGEST_NAME:
                self.faults.append(Fault("bad_choice_name", CHOICES, number, {"name": called, "most": LONGEST_NAME}))
            label: Texts = texts_of(row.get("label")) if number else _OTHER
            if any(len(text) > LONGEST_TEXT for text in label.values()):
                self.faults.append(Fault("text_too_long", CHOICES, number, {"column": "label", "most": LONGEST_TEXT}))
            choice: Item = {"name": called, "label": label or {"zh": called}}
            kept = {key: str(row[key]) for key in sorted(self.filtered.get(name, ())) if key in row}
            kept |= {"name": called} if "name" in self.filtered.get(name, ()) else {}
            found.append({**choice, "columns": kept} if kept else choice)
        return found

    def put_default(self, item: Item, child: Mapping[str, Any]) -> None:
        text = str(child["default"]).strip()
        if child.get("_dynamic_default"):
            try:
                tree = parse(text)
            except ExpressionFault as fault:
                facts = {"column": "default", "value": text[:200], "why": str(fault)}
                self.faults.append(Fault("expression", SURVEY, self.last_row, facts))
                return
            if refers_to_itself(tree) or any(names_in(tree)):
                self.faults.append(Fault("dynamic_default", SURVEY, self.last_row, {"value": text[:200]}))
                return
            item["default_of"] = tree
            return
        value = _default_value(item["type"], text)
        if value is None:
            self.faults.append(Fault("bad_default", SURVEY, self.last_row, {"value": text[:200]}))
            return
        item["default"] = value

    def check_default(self, question: Item, choices: Mapping[str, list[Item]]) -> None:
        if "list" in question and "default" in question:
            names = {choice["name"] for choice in choices[question["list"]]}
            value = question["default"]
            if not set(value if isinstance(value, list) else [value]) <= names:
                facts = {"value": " ".join(value) if isinstance(value, list) else value}
                self.faults.append(Fault("bad_default", SURVEY, self.rows[question["name"]], facts))

    def check_references(self, items: list[Item]) -> list[str]:
        """Everything referred to can be answered; the order in which it can be told what is shown."""
        answerable = {question["name"] for question in questions_in(items) if question["type"] != "note"}
        needs: dict[str, set[str]] = {}
        for item in _all(items):
            for key in ("relevant", "constraint", "required", "choice_filter"):
                tree = item.get(key)
                if isinstance(tree, list):
                    self.check_names(item, key, tree, answerable)
        _gather_needs(items, set(), needs)
        order, left = _in_order(needs)
        for name in left:
            if _comes_back(name, needs):
                self.faults.append(Fault("circle", SURVEY, self.rows[name], {"name": name}))
        return order

    def check_names(self, item: Item, key: str, tree: Tree, answerable: set[str]) -> None:
        for name in names_in(tree):
            if name not in answerable:
                facts = {"column": key, "value": self.written[item["name"]][key][:200], "name": name}
                self.faults.append(Fault("unknown_name", SURVEY, self.rows[item["name"]], facts))
        if refers_to_itself(tree) and key != "constraint":
            facts = {"column": key, "value": self.written[item["name"]][key][:200], "name": "."}
            self.faults.append(Fault("unknown_name", SURVEY, self.rows[item["name"]], facts))


def _gather_needs(items: list[Item], above: set[str], needs: dict[str, set[str]]) -> None:
    """What must be known before it can be told whether something is shown: its group, and what its condition names."""
    for item in items:
        needs[item["name"]] = above | (set(names_in(item["relevant"])) if "relevant" in item else set())
        if item["type"] == "group":
            _gather_needs(item["items"], {item["name"]}, needs)


def _in_order(needs: Mapping[str, set[str]]) -> tuple[list[str], list[str]]:
    """Names after all that they need, and those for which that cannot be done."""
    order: dict[str, None] = {}
    left = list(needs)
    while True:
        still = []
        for name in left:
            if all(other in order for other in needs[name] if other in needs):
                order[name] = None
            else:
                still.append(name)
        if not still or len(still) == len(left):
            return list(order), still
        left = still


def _all(items: list[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        if item["type"] == "group":
            yield from _all(item["items"])


def _comes_back(name: str, needs: Mapping[str, set[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(needs[name])
    while waiting:
        other = waiting.pop()
        if other == name:
            return True
        if other not in seen:
            seen.add(other)
            waiting += needs.get(other, ())
    return False


def _columns_in(tree: Tree) -> set[str]:
    if tree[0] == "column":
        return {tree[1]}
    return {name for part in tree[1:] if isinstance(part, list) and part for name in _columns_in(part)}


def _default_value(kind: str, text: str) -> str | int | float | list[str] | None:
    """A default as an answer of that type; None if it is none."""
    try:
        if kind == "integer":
            return int(text)
        if kind == "decimal":
            return float(text)
        if kind == "date":
            return dt.date.fromisoformat(text[:10]).isoformat()
        if kind == "time":
            return dt.time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        return None
    return text.split() if kind == "select_multiple" else text

"""Answers in the words of their questions, for whoever reads a record."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from jiafang.access import Actor
from jiafang.visits.body import Answers
from jiafang.visits.questions.answers import Answer, expression_value
from jiafang.visits.questions.define import Definition, Item, questions_in
from jiafang.visits.questions.evaluate import to_text
from jiafang.visits.questions.languages import said
from jiafang.visits.questions.versions import by_ids

_REFERENCE = re.compile(r"\$\{\s*([^{}]+?)\s*\}")


@dataclass(frozen=True)
class AnsweredSet:
    """One set with what was answered: (question, answer) in the order in which it was asked."""

    title: str
    lines: list[tuple[str, str]]


def answers_in_words(actor: Actor, answers: Iterable[Answers], language: str) -> list[AnsweredSet]:
    """Every answer that a record carries; one query. A set out of reach shows the names of its questions."""
    given = [one for one in answers if one.values]
    known = by_ids(actor, (one.set_id for one in given)) if given else {}
    found = []
    with override("en" if language.startswith("en") else "zh-hans"):
        for one in given:
            row = known.get(one.set_id)
            lines = list(_lines(row.definition, one.values, language)) if row else _bare(one.values)
            found.append(AnsweredSet(row.title if row else _("附加题目"), lines))
    return found


def _lines(definition: Definition, values: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    items = {item["name"]: item for item in questions_in(definition["items"])}

    def filled(found: re.Match[str]) -> str:
        item = items.get(found[1])
        return answer_in_words(definition, item, values[found[1]], language) if item and found[1] in values else "…"

    for name, item in items.items():
        if name in values:
            label = said(item.get("label", {}), language) or name
            yield _REFERENCE.sub(filled, label), answer_in_words(definition, item, values[name], language)


def answer_in_words(definition: Definition, item: Item, answer: Answer, language: str) -> str:
    """Choices by their labels, numbers and text as they are."""
    if "list" not in item:
        return to_text(expression_value(answer))
    labels = {row["name"]: said(row["label"], language) for row in definition["choices"][item["list"]]}
    chosen: Sequence[Any] = answer if isinstance(answer, list) else [answer]
    return (", " if language.startswith("en") else "、").join(labels.get(name) or str(name) for name in chosen)


def _bare(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, to_text(expression_value(value))) for name, value in values.items()]

"""Answers are checked alike by the phone and the server: types, choices, what is required, what is shown."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiafang.visits.questions.answers import LONGEST_ANSWER, check_values
from jiafang.visits.questions.define import Definition, questions_in
from jiafang.visits.questions.read import read_workbook
from tests.questions.examples import EXAMPLES, SUPPORTED, there
from tests.questions.workbooks import YES_NO, everything, workbook

TODAY = "2026-11-24"
WHOLE = {
    "phone": "yes",
    "hours": 2.5,
    "uses": ["study", "other"],
    "other_use": "听故事",
    "siblings": 1,
    "home_on": "2026-10-01",
    "sleeps": "21:30",
    "town": "qingxi",
    "village": "q1",
    "wish": "多来坐坐",
}


@pytest.fixture(scope="module")
def definition() -> Definition:
    return read_workbook(everything()).definition


def check(definition: Definition, **values: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    cleaned, faults = check_values(definition, values, today=TODAY)
    return cleaned, [(fault.name, fault.code) for fault in faults]


def test_answers_that_fit_are_kept_as_they_are(definition):
    assert check(definition, **WHOLE) == (WHOLE, [])


def test_what_is_not_shown_is_dropped_and_not_required(definition):
    cleaned, faults = check(definition, **{**WHOLE, "phone": "no"})
    assert not {"hours", "uses", "other_use"} & set(cleaned)
    assert faults == []
    assert check(definition, phone="no")[1] == []
    assert check(definition, **{**WHOLE, "uses": ["study"]})[0].keys() == WHOLE.keys() - {"other_use"}


def test_what_is_hidden_counts_as_not_answered_to_what_hangs_on_it(definition):
    """uses lies in the hidden group: what asks for it is hidden as well, though it was answered before."""
    assert "other_use" not in check(definition, phone="no", uses=["other"], other_use="听故事")[0]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"phone": None}, ("phone", "required")),
        ({"hours": None}, ("hours", "required")),
        ({"siblings": 2, "wish": " \n"}, ("wish", "required")),
        ({"hours": 25}, ("hours", "constraint")),
        ({"uses": ["study", "play", "other"]}, ("uses", "constraint")),
        ({"siblings": 0}, ("siblings", "constraint")),
        ({"home_on": "2026-11-25"}, ("home_on", "constraint")),
        ({"village": "s1"}, ("village", "choice")),
        ({"phone": "maybe"}, ("phone", "choice")),
        ({"uses": ["study", "study"]}, ("uses", "choice")),
        ({"uses": "study other"}, ("uses", "type")),
        ({"uses": ["study", 1]}, ("uses", "type")),
        ({"siblings": "2"}, ("siblings", "type")),
        ({"siblings": 1.5}, ("siblings", "type")),
        ({"siblings": True}, ("siblings", "type")),
        ({"siblings": 2**53}, ("siblings", "type")),
        ({"hours": float("inf")}, ("hours", "type")),
        ({"hours": float("nan")}, ("hours", "type")),
        ({"hours": 10**400}, ("hours", "type")),
        ({"home_on": "2026-02-29"}, ("home_on", "type")),
        ({"home_on": "24.11.2026"}, ("home_on", "type")),
        ({"sleeps": "24:00"}, ("sleeps", "type")),
        ({"sleeps": "9:30"}, ("sleeps", "type")),
        ({"wish": ["a"]}, ("wish", "type")),
        ({"wish": "很" * (LONGEST_ANSWER + 1)}, ("wish", "length")),
        ({"nobody": 1}, ("nobody", "unknown")),
        ({"intro": "x"}, ("intro", "unknown")),
        ({"about_phone": "x"}, ("about_phone", "unknown")),
        ({"__proto__": "x"}, ("__proto__", "unknown")),
    ],
)
def test_what_does_not_fit_is_told_by_its_name(definition, given, fault):
    assert check(definition, **{**WHOLE, **given})[1] == [fault]


def test_an_emoji_counts_as_one_character(definition):
    assert check(definition, **{**WHOLE, "wish": "😀" * LONGEST_ANSWER})[1] == []


def test_a_choice_of_several_is_kept_in_the_order_of_the_choices(definition):
    assert check(definition, **{**WHOLE, "uses": ["other", "study"]})[0]["uses"] == ["study", "other"]


def test_five_point_nought_is_five(definition):
    cleaned, faults = check(definition, **{**WHOLE, "siblings": 3.0})
    assert (cleaned["siblings"], type(cleaned["siblings"]), faults) == (3, int, [])


def test_the_message_of_the_workbook_is_the_one_that_is_told(definition):
    _cleaned, faults = check_values(definition, {**WHOLE, "hours": 30}, today=TODAY)
    assert [fault.message for fault in faults] == ["一天只有 24 小时"]


def test_a_chain_of_conditions_that_looks_ahead_is_followed_to_its_end():
    """Each question asks for the one after it, 199 times: no depth of calls may stand in the way."""
    survey = [
        {"type": "text", "name": f"q{n}", "label": "问", "relevant": f"${{q{n + 1}}} != ''" if n < 199 else ""}
        for n in range(200)
    ]
    definition = read_workbook(workbook(survey)).definition
    whole = {f"q{n}": "x" for n in range(200)}
    assert check(definition, **whole) == (whole, [])
    assert check(definition, **{**whole, "q199": ""}) == ({}, [])


CHAINED = [
    {"type": "integer", "name": "a", "label": "甲", "relevant": "${c} != 'no' or ${d} > 2"},
    {"type": "begin group", "name": "g", "label": "组", "relevant": "${d} >= 0"},
    {"type": "select_one yes_no", "name": "c", "label": "丙", "required": "${d} = 1"},
    {
        "type": "select_multiple yes_no",
        "name": "e",
        "label": "戊",
        "relevant": "${c} = 'yes'",
        "choice_filter": "name != ${c}",
    },
    {"type": "end group"},
    {
        "type": "decimal",
        "name": "d",
        "label": "丁",
        "constraint": "regex(string(.), '-?[0-9]{1,2}(\\.5)?') and . != ${a}",
    },
    {"type": "date", "name": "f", "label": "己", "constraint": ". > today() - 30 or string-length(${h}) > 3"},
    {"type": "time", "name": "t", "label": "时", "relevant": "starts-with(${h}, 'a') or contains(${h}, '家')"},
    {"type": "text", "name": "h", "label": "辛", "required": "not(selected(${e}, 'no'))"},
]
LOOSE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "yes", "no", "abc", "家访", "2026-11-20", "2026-01-01", "2026-02-30", "08:00", "8:00", " ", "x" * 2001]
    ),
    st.lists(st.sampled_from(["yes", "no", "", "study"]), max_size=3),
    st.lists(st.integers(0, 1), max_size=2),
    st.dictionaries(st.just("a"), st.just(1), max_size=1),
)
FITTING: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-2, 30),
    "decimal": st.sampled_from([0, 1, 2, 3, -1, 0.5, 1.5, 2.25, 99, 100]),
    "date": st.sampled_from(["2026-11-24", "2026-11-25", "2026-10-25", "2026-10-24", "2020-02-29"]),
    "time": st.sampled_from(["00:00", "23:59", "08:30"]),
    "text": st.sampled_from(["", "a", "abcd", "家访", "😀😀😀", "z"]),
}


@pytest.fixture(scope="module")
def definitions() -> list[Definition]:
    return [read_workbook(everything()).definition, read_workbook(workbook(CHAINED, YES_NO)).definition]


@pytest.fixture(scope="module")
def examples() -> list[Definition]:
    return [read_workbook((EXAMPLES / name).read_bytes()).definition for name in SUPPORTED]


@st.composite
def values_for(draw: st.DrawFn, definition: Definition) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for item in questions_in(definition["items"]):
        if item["type"] == "note" or not draw(st.booleans()):
            continue
        names = [choice["name"] for choice in definition["choices"].get(item.get("list"), [])]
        if item["type"] in FITTING:
            fitting = FITTING[item["type"]]
        elif item["type"] == "select_one":
            fitting = st.sampled_from(names)
        else:
            fitting = st.lists(st.sampled_from([*names, "elsewhere"]), max_size=3)
        values[item["name"]] = draw(st.one_of(fitting, fitting, fitting, LOOSE))
    if draw(st.integers(0, 9)) == 0:
        values[draw(st.sampled_from(["nobody", "g", "constructor", "__proto__"]))] = draw(LOOSE)
    return values


def _counted(found: Any) -> Any:
    """Numbers as the phone has them, for JSON writes the large ones in different ways."""
    if isinstance(found, dict):
        return {key: _counted(value) for key, value in found.items()}
    if isinstance(found, list):
        return [_counted(value) for value in found]
    return float(found) if isinstance(found, int) and not isinstance(found, bool) else found


def alike(phone: Any, definition: Definition, batch: list[dict[str, Any]]) -> None:
    asked = [{"definition": definition, "values": values, "today": TODAY} for values in batch]
    expected = []
    for values in batch:
        cleaned, faults = check_values(definition, values, today=TODAY)
        expected.append({"values": cleaned, "faults": [{"name": one.name, "code": one.code} for one in faults]})
    answered = phone.ask(asked)
    assert _counted(answered) == _counted(expected)
    assert [list(one["values"]) for one in answered] == [list(one["values"]) for one in expected]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_phone_and_the_server_check_alike(phone, definitions, data):
    definition = data.draw(st.sampled_from(definitions))
    alike(phone, definition, data.draw(st.lists(values_for(definition), min_size=1, max_size=20)))


@pytest.mark.nightly
@settings(max_examples=2000, deadline=None)
@given(data=st.data())
def test_the_phone_and_the_server_check_alike_all_night(phone, definitions, data):
    definition = data.draw(st.sampled_from(definitions))
    alike(phone, definition, data.draw(st.lists(values_for(definition), min_size=1, max_size=20)))


@there
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_phone_and_the_server_check_the_examples_of_xlsform_alike(phone, examples, data):
    for definition in examples:
        alike(phone, definition, data.draw(st.lists(values_for(definition), min_size=1, max_size=10)))


def test_the_cases_reach_every_kind_of_fault_and_none(definitions):
    """Otherwise the comparison above would compare little."""
    seen: set[str] = set()
    chance = random.Random(5)
    for _time in range(400):
        values = {name: chance.choice([*WHOLE.values(), None, 40, "x" * 2001]) for name in WHOLE}
        if chance.random() < 0.3:
            values = {**WHOLE, chance.choice(list(WHOLE)): chance.choice([None, 40, "s1", "x" * 2001])}
        if chance.random() < 0.1:
            values["nobody"] = 1
        _cleaned, faults = check_values(definitions[0], values, today=TODAY)
        seen |= {fault.code for fault in faults} or {"none"}
    assert seen == {"none", "unknown", "type", "length", "choice", "required", "constraint"}

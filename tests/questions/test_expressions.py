"""Expressions mean what XLSForm says, and the phone and the server make the same of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jiafang.visits.questions.evaluate import Surroundings, Value, evaluate, to_text
from jiafang.visits.questions.expressions import FUNCTIONS, ExpressionFault, parse
from jiafang.visits.questions.patterns import MOST_STEPS, PatternFault, compile_pattern, matches

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
TODAY = "2026-11-24"


def here(case: dict[str, Any]) -> Value:
    answers = case["answers"]
    return evaluate(
        case["tree"],
        Surroundings(
            answer=lambda name: _floating(answers.get(name, "")),
            today=case["today"],
            own=_floating(case["own"]),
            columns=case["columns"],
        ),
    )


def _floating(value: Any) -> Value:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def whole(case: dict[str, Any]) -> dict[str, Any]:
    tree = case["tree"] if "tree" in case else parse(case["expression"], columns="columns" in case)
    return {
        "tree": tree,
        "today": TODAY,
        "own": case.get("own", ""),
        "answers": case.get("answers", {}),
        "columns": case.get("columns", {}),
    }


def said(value: Value) -> dict[str, str]:
    kind = "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "number"
    return {"kind": kind, "text": to_text(value)}


@pytest.mark.parametrize("case", CASES, ids=[case["expression"] for case in CASES])
def test_an_expression_means_what_xlsform_says(case):
    found, expected = here(whole(case)), case["is"]
    if expected in ("NaN", "Infinity") and not isinstance(found, str):
        assert to_text(found) == expected
    elif isinstance(expected, bool | str):
        assert found == expected
        assert type(found) is type(expected)
    else:
        assert found == expected
        assert isinstance(found, float)


def test_the_phone_makes_the_same_of_every_case(phone):
    cases = [whole(case) for case in CASES]
    assert phone.ask(cases) == [said(here(case)) for case in cases]


TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "0", "5", "-5", "5.0", ".5", "5.", "abc", "a b", "b a ", "1e3", "2026-11-24", "2026-11-25"]
    ),
    st.sampled_from(
        ["2026-02-30", "1970-01-01", "0999-01-01", "true", "false", "NaN", "家访", "\u3000", "😀", "a\u00a0b", "+1"]
    ),
    st.text(alphabet="ab01.- \t\n家", max_size=6),
)
NUMBERS = st.one_of(
    st.integers(-20, 20),
    st.sampled_from([0.1, 0.5, -0.0, 1e15, 1e21, 1.5e-7, 123456789012345680, 2**53 - 1]),
    st.floats(allow_nan=False, allow_infinity=False),
)
PATTERNS = st.sampled_from(
    ["a*", "[a-c]+", "(a|b)*0?", r"\d{1,3}", r"\w+", ".", "[^ab]", "", "^a.$", r"\s", "a{2}b", r"(\D\S){0,2}", "a+$"]
)
LEAVES = st.one_of(
    NUMBERS.map(lambda number: ["number", number]),
    TEXTS.map(lambda text: ["text", text]),
    st.sampled_from("abcd").map(lambda name: ["answer", name]),
    st.just(["self"]),
    st.just(["call", "today"]),
    st.just(["call", "true"]),
    st.just(["call", "string-length"]),
    st.sampled_from(["zone", "none"]).map(lambda name: ["column", name]),
)


def _calls(trees: st.SearchStrategy[list[Any]]) -> st.SearchStrategy[list[Any]]:
    def called(name: str) -> st.SearchStrategy[list[Any]]:
        least, most = FUNCTIONS[name]
        return st.lists(trees, min_size=least, max_size=least + 2 if most is None else most).map(
            lambda parts: ["call", name, *parts]
        )

    return st.sampled_from(sorted(set(FUNCTIONS) - {"regex"})).flatmap(called)


TREES = st.recursive(
    LEAVES,
    lambda trees: st.one_of(
        st.tuples(
            st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or"]), trees, trees
        ).map(list),
        trees.map(lambda tree: ["negative", tree]),
        st.tuples(trees, PATTERNS).map(lambda pair: ["matches", pair[0], compile_pattern(pair[1])]),
        _calls(trees),
    ),
    max_leaves=8,
)
SITUATIONS = st.fixed_dictionaries(
    {
        "tree": TREES,
        "answers": st.dictionaries(st.sampled_from("abc"), st.one_of(TEXTS, NUMBERS), max_size=3),
        "own": st.one_of(TEXTS, NUMBERS),
        "columns": st.dictionaries(st.just("zone"), TEXTS),
    }
)


def alike(phone, situations: list[dict[str, Any]]) -> None:
    cases = [whole(situation) for situation in situations]
    assert phone.ask(cases) == [said(here(case)) for case in cases]


@settings(max_examples=60, deadline=None)
@given(situations=st.lists(SITUATIONS, min_size=1, max_size=40))
def test_the_phone_and_the_server_evaluate_alike(phone, situations):
    alike(phone, situations)


@pytest.mark.nightly
@settings(max_examples=3000, deadline=None)
@given(situations=st.lists(SITUATIONS, min_size=1, max_size=40))
def test_the_phone_and_the_server_evaluate_alike_all_night(phone, situations):
    alike(phone, situations)


@settings(max_examples=200, deadline=None)
@given(pattern=PATTERNS, text=TEXTS)
@example(pattern="(a|b)*0?", text="ab0")
def test_a_pattern_matches_what_the_engine_of_python_matches(pattern, text):
    import re

    # \d, \w and \s are those of ASCII, as in the forms' own engine; a $ holds at the very end only.
    whole_text = re.compile(pattern.replace("$", r"\Z"), re.ASCII).fullmatch(text)
    assert matches(compile_pattern(pattern), text) == (whole_text is not None)


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)", "(?i)a", "a**", "a*?", r"\p{L}", r"\1", "[a", "(a", "a)", "*", "[z-a]", "a{2", "a{3,1}", "a{999}"],
)
def test_a_pattern_with_something_unknown_is_refused(pattern):
    with pytest.raises(PatternFault):
        compile_pattern(pattern)


def test_a_pattern_that_grows_without_bound_is_refused():
    with pytest.raises(PatternFault):
        compile_pattern("((((a{9}){9}){9}){9}){9}")
    assert len(compile_pattern(f"a{{{MOST_STEPS - 110}}}")) <= MOST_STEPS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "(1",
        "1)",
        "${a} = ",
        "${a",
        "a = 1",
        "pulldata('a','b','c','d')",
        "instance('x')/main/item[name=1]",
        "//a",
        "count(${a})",
        "selected(${a})",
        "regex(., ${a})",
        "1 | 2",
        "(" * 200 + "1" + ")" * 200,
        "-" * 300 + "1",
        "1" * 3000,
        "+".join("1" for _ in range(500)),
        "$x",
        "a::b",
        "'open",
    ],
)
def test_what_is_not_supported_is_refused_in_words(text):
    with pytest.raises(ExpressionFault) as refused:
        parse(text)
    assert str(refused.value)


def test_operators_bind_as_in_xpath():
    assert parse("1 or 2 and 3 = 4 < 5 + 6 * 7") == [
        "or",
        ["number", 1],
        [
            "and",
            ["number", 2],
            ["=", ["number", 3], ["<", ["number", 4], ["+", ["number", 5], ["*", ["number", 6], ["number", 7]]]]],
        ],
    ]
    assert parse("8 - 2 - 1") == ["-", ["-", ["number", 8], ["number", 2]], ["number", 1]]

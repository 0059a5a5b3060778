"""A workbook is read as it is meant, or refused with the sheet, the row and what is not supported."""

import io
import zipfile
from pathlib import Path

import pytest

from jiafang.visits.questions.define import MOST_QUESTIONS, questions_in
from jiafang.visits.questions.faults import WorkbookFault
from jiafang.visits.questions.languages import texts_of
from jiafang.visits.questions.read import LARGEST, FormRead, read_workbook
from tests.questions.examples import EXAMPLES, NOT_SUPPORTED, SUPPORTED, there
from tests.questions.workbooks import YES_NO, everything, sheets, workbook, written


def refused(content: bytes) -> list[str]:
    with pytest.raises(WorkbookFault) as fault:
        read_workbook(content)
    return [one.sentence for one in fault.value.faults]


def names(form: FormRead) -> list[str]:
    return [question["name"] for question in questions_in(form.definition["items"])]


@there
def test_the_examples_of_xlsform_load_or_say_what_is_not_supported():
    found = {path.name: path for path in EXAMPLES.iterdir()}
    assert set(found) == set(SUPPORTED) | set(NOT_SUPPORTED)
    for name, questions in SUPPORTED.items():
        assert names(read_workbook(found[name].read_bytes())) == questions, name
    for name, (sheet, row, words) in NOT_SUPPORTED.items():
        sentences = refused(found[name].read_bytes())
        assert any(f"工作表 {sheet} 第 {row} 行" in one and words in one for one in sentences), (name, sentences)


@pytest.fixture(scope="module")
def form() -> FormRead:
    return read_workbook(everything())


def test_a_form_with_every_type_is_read_as_it_was_written(form):
    assert form.title == "暑期情况"
    assert form.remarks == []
    assert names(form) == [
        "intro", "phone", "hours", "uses", "other_use", "siblings", "home_on", "sleeps", "town", "village", "wish",
    ]  # fmt: skip
    by_name = {one["name"]: one for one in questions_in(form.definition["items"])}
    assert by_name["phone"] == {
        "type": "select_one",
        "name": "phone",
        "label": {"zh": "孩子有自己的手机吗?", "en": "Own phone?"},
        "required": True,
        "list": "yes_no",
    }
    assert by_name["siblings"]["default"] == 1
    assert by_name["sleeps"]["default"] == "21:30"
    assert by_name["home_on"]["default_of"] == ["call", "today"]
    assert by_name["hours"]["constraint_message"] == {"zh": "一天只有 24 小时"}
    assert by_name["village"]["choice_filter"] == ["=", ["column", "town"], ["answer", "town"]]
    assert form.definition["choices"]["village"][2] == {
        "name": "q1",
        "label": {"zh": "清溪村"},
        "columns": {"town": "qingxi"},
    }
    group = next(one for one in form.definition["items"] if one["type"] == "group")
    assert [one["name"] for one in group["items"]] == ["hours", "uses", "other_use"]


def test_what_is_needed_is_known_before_what_needs_it(form):
    order = form.definition["order"]
    assert set(order) >= set(names(form))
    for before, after in (
        ("phone", "about_phone"),
        ("about_phone", "hours"),
        ("uses", "other_use"),
        ("town", "village"),
    ):
        assert order.index(before) < order.index(after)


def test_an_old_excel_file_is_read_like_a_new_one():
    survey = [{"type": "integer", "name": "age", "label": "几岁?", "constraint": ". > 0"}]
    assert read_workbook(workbook(survey, old=True)).definition == read_workbook(workbook(survey)).definition


BEFORE = [
    {"type": "integer", "name": "first", "label": "几个?"},
    {"type": "begin group", "name": "group_a", "label": "组"},
    {"type": "text", "name": "inside", "label": "里面"},
    {"type": "end group"},
    {},
]
# Found by looking through the rows, then by making a definition of them: each kind is told together.
IN_ROWS = [
    ({"type": "geopoint"}, "题型“geopoint”不支持"),
    ({"type": "image"}, "题型“image”不支持"),
    ({"type": "range"}, "题型“range”不支持"),
    ({"type": "datetime"}, "题型“datetime”不支持"),
    ({"type": "rank yes_no"}, "题型“rank yes_no”不支持"),
    ({"type": "start"}, "“start”不需要"),
    ({"type": "calculate", "calculation": "1+1"}, "自动计算"),
    ({"type": "text", "calculation": "1+1"}, "自动计算"),
    ({"type": "text", "trigger": "${first}"}, "触发"),
    ({"type": "select_one_from_file a.csv"}, "外部文件"),
    ({"type": "select_one ${first}"}, "外部文件"),
    ({"type": "begin repeat"}, "重复分组"),
    ({"type": "end repeat"}, "重复分组"),
    ({"type": "text", "save_to": "a"}, "实体"),
]
IN_DEFINITION = [
    ({"type": "text", "name": "__proto__"}, "__proto__"),
    ({"type": "text", "name": "n" * 61}, "最长 60"),
    ({"type": "text", "relevant": "${group_a} = 1"}, "group_a"),
    ({"type": "text", "relevant": "../nobody = 1"}, "nobody"),
    ({"type": "text", "relevant": ". = 1"}, "relevant"),
    ({"type": "text", "relevant": "jr:choice-name(${first}, 'x') = 1"}, "jr:choice-name"),
    ({"type": "text", "constraint": "regex(., '(?=a)')"}, "(?="),
    ({"type": "text", "constraint": "1 +"}, "没有写完"),
    ({"type": "text", "required": "maybe"}, "maybe"),
    ({"type": "select_one yes_no", "choice_filter": "instance('a')/b = 1"}, "instance"),
    ({"type": "integer", "default": "many"}, "默认值“many”"),
    ({"type": "select_one yes_no", "default": "perhaps"}, "默认值“perhaps”"),
    ({"type": "integer", "default": "${first} + 1"}, "不能引用"),
    ({"type": "text", "label": "很" * 501}, "最多 500"),
]
# Found by pyxform, which stops at the first.
BY_PYXFORM = [
    ({"type": "select_one nothing"}, "没有名为“nothing”的选项"),
    ({"type": "text", "name": ""}, "没有名称"),
    ({"type": "", "label": "问"}, "没有题型"),
    ({"type": "text", "name": "first"}, "first"),
    ({"type": "text", "name": "1a"}, "读不懂"),
    ({"type": "text", "relevant": "${nobody} = 1"}, "nobody"),
    ({"type": "end group"}, "不成对"),
]


@pytest.mark.parametrize("rows", [IN_ROWS, IN_DEFINITION, *([row] for row in BY_PYXFORM)])
def test_a_refusal_names_the_sheet_the_row_and_what_is_not_supported(rows):
    survey = [*BEFORE, *({"name": f"wrong_{n}", "label": "问", **row} for n, (row, _words) in enumerate(rows))]
    sentences = refused(workbook(survey, YES_NO))
    for number, (row, words) in enumerate(rows, start=len(BEFORE) + 2):
        place = f"工作表 survey 第 {number} 行:"
        assert any(one.startswith(place) and words in one for one in sentences), (row, sentences)
    assert len({one.split(":")[0] for one in sentences}) == len(rows)


def test_conditions_that_hang_on_each_other_are_refused():
    survey = [
        {"type": "text", "name": "a", "label": "甲", "relevant": "${b} = 1"},
        {"type": "begin group", "name": "g", "label": "组", "relevant": "${a} = 1"},
        {"type": "text", "name": "b", "label": "乙"},
        {"type": "end group"},
        {"type": "text", "name": "c", "label": "丙", "relevant": "${a} = 1"},
    ]
    sentences = refused(workbook(survey))
    assert all("绕了一圈" in one for one in sentences)
    assert any("“a”" in one and "第 2 行" in one for one in sentences)
    assert not any("“c”" in one for one in sentences)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"list_name": "x", "name": "a b", "label": "甲"}], "不能有空格"),
        ([{"list_name": "x", "name": "a", "label": "甲"}, {"list_name": "x", "name": "a", "label": "乙"}], "名称相同"),
        ([{"list_name": "x", "label": "甲", "name": ""}], "没有名称"),
    ],
)
def test_a_fault_among_the_choices_names_their_sheet(rows, words):
    survey = [{"type": "select_one x", "name": "q", "label": "问"}]
    sentences = refused(workbook(survey, rows))
    assert any("工作表 choices 第" in one and words in one for one in sentences), sentences


def test_what_is_left_out_without_harm_is_remarked():
    survey = [
        {
            "type": "select_one x",
            "name": "q",
            "label": "问",
            "appearance": "minimal",
            "label::French": "Q",
            "read_only": "yes",
        },
        {"type": "text", "name": "t", "label": "文", "image": "a.jpg", "guidance_hint": "细说"},
    ]
    tables = sheets(
        survey, [{"list_name": "x", "name": "a", "label": ""}, {"list_name": "x", "name": "b", "label": "乙"}]
    )
    form = read_workbook(written({**tables, "我的草稿": [["随便写"]]}))
    said = " ".join(one.sentence for one in form.remarks)
    for part in ("minimal", "French", "只读", "image", "guidance_hint", "我的草稿", "显示名称“a”"):
        assert part in said
    assert form.definition["choices"]["x"][0]["label"] == {"zh": "a"}
    assert names(form) == ["q", "t"]


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("问", {"zh": "问"}),
        ({"中文 (zh)": "问", "English (en)": "Q"}, {"zh": "问", "en": "Q"}),
        ({"default": "问", "English": "Q"}, {"zh": "问", "en": "Q"}),
        ({"default": "Q", "chinese": "问"}, {"zh": "问", "en": "Q"}),
        ({"English": "Q"}, {"en": "Q"}),
        ({"French": "Q"}, {"zh": "Q"}),
        (None, {}),
    ],
)
def test_both_languages_are_found_however_they_are_called(written, texts):
    assert texts_of(written) == texts


def test_or_other_adds_a_question_of_its_own():
    form = read_workbook(workbook([{"type": "select_one yes_no or_other", "name": "q", "label": "问"}], YES_NO))
    asked, other = form.definition["items"]
    assert form.definition["choices"]["yes_no"][-1] == {"name": "other", "label": {"zh": "其他", "en": "Other"}}
    assert (other["name"], other["relevant"][:2]) == ("q_other", ["call", "selected"])
    assert asked["list"] == "yes_no"


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"type,name,label\ntext,a,b\n",
        b"PK\x03\x04 not a zip at all",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        _zip({"hello.txt": b"hello"}),
        _zip({"xl/worksheets/sheet1.xml": b"0" * 70_000_000}),
        _zip({f"{n}.xml": b"" for n in range(600)}),
        b"PK\x03\x04" + b"0" * LARGEST,
        written({"survey": [["type", "name", "label"]]}),
        written({"别的表": [["随便"]], "再一张": [["写写"]]}),
        workbook([{"type": "note", "name": f"n{n}", "label": "说明"} for n in range(MOST_QUESTIONS + 1)]),
    ],
    ids=[
        "empty",
        "csv",
        "no zip",
        "no xls",
        "no workbook",
        "bomb",
        "many parts",
        "large",
        "no rows",
        "no survey",
        "long",
    ],
)
def test_a_hostile_or_foreign_file_is_refused_in_words(content):
    assert all(refused(content))


def test_an_entity_that_grows_is_not_followed(tmp_path: Path):
    """An .xlsx whose shared strings multiply as they are read."""
    original = workbook([{"type": "text", "name": "a", "label": "问"}])
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    laughs += b"".join(
        b'<!ENTITY %c "&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;">' % (c, *[c - 1] * 10) for c in b"cdefghij"
    )
    laughs += b']><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&j;</t></si></sst>'
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert all(refused(_zip({**parts, "xl/sharedStrings.xml": laughs})))

"""The pages of added questions, and what comes back from a record page."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from jiafang.common.errors import InputFault
from jiafang.visits.body import Answers
from jiafang.visits.models import QuestionSet
from jiafang.visits.questions.define import questions_in
from jiafang.visits.questions.read import read_workbook
from jiafang.web.questions.forms import answers_in
from tests.factories import organization as make
from tests.questions.workbooks import workbook

pytestmark = pytest.mark.django_db


def client_of(person, kind) -> Client:
    client = Client()
    make.sign_in(client, person, kind)
    return client


def upload(client: Client, content: bytes, tier: str = "teacher_family"):
    file = SimpleUploadedFile("题目.xlsx", content)
    return client.post("/questions/add/", {"tier": tier, "file": file})


def test_the_example_is_a_form_that_is_read_without_a_word(school):
    answer = client_of(school.principal, "principal").get("/questions/example/")
    form = read_workbook(answer.content)
    assert form.remarks == []
    kinds = {one["type"] for one in questions_in(form.definition["items"])}
    assert kinds == {"note", "select_one", "select_multiple", "text", "integer", "decimal", "date", "time"}


def test_a_workbook_with_faults_comes_back_with_all_of_them_and_changes_nothing(school):
    rows = [{"type": kind, "name": kind, "label": "问"} for kind in ("geopoint", "image")]
    answer = upload(client_of(school.principal, "principal"), workbook(rows))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "题型“geopoint”不支持" in page
    assert "题型“image”不支持" in page
    assert "第 3 行" in page
    assert not QuestionSet.unscoped.exists()


@pytest.mark.parametrize(("content", "words"), [(b"nothing of the kind", "请上传"), (b"", "请上传")])
def test_a_foreign_file_is_refused_on_the_page(school, content, words):
    answer = upload(client_of(school.principal, "principal"), content)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)


def test_a_school_cannot_ask_on_the_tiers_of_the_bureau(school):
    answer = upload(client_of(school.principal, "principal"), b"", "bureau_principal")
    assert answer.status_code == 422
    assert not QuestionSet.unscoped.exists()


def test_whoever_only_visits_finds_no_such_pages(school):
    client = client_of(school.homeroom[0], "teacher")
    for path in ("/questions/", "/questions/add/", "/questions/example/", "/questions/1/"):
        assert client.get(path).status_code == 404


def posted(*sent: object) -> QueryDict:
    data = QueryDict(mutable=True)
    data.setlist("answers", [one if isinstance(one, str) else json.dumps(one) for one in sent])
    return data


def test_answers_come_back_from_the_page_as_they_were_given():
    saved = [Answers(3, 1, {"a": 1}), Answers(4, 1, {"b": 2}), Answers(5, 1, {"c": 3})]
    sent = posted({"set": 3, "version": 1, "values": {"a": 2}}, "", {"set": 5, "version": 1, "values": {}})
    # The second was not asked, as in a browser without scripts; the third was emptied.
    assert answers_in(sent, saved) == [Answers(3, 1, {"a": 2}), Answers(4, 1, {"b": 2})]


BROKEN = [
    "{",
    "[]",
    "1",
    '{"set": 1}',
    '{"set": "x", "version": 1, "values": {}}',
    '{"set": 1e400, "version": 1, "values": {}}',
    '{"set": 99999999999, "version": 1, "values": {"a": 1}}',
    '{"set": 1, "version": 1, "values": [1]}',
    "[" * 100_000,
]


@pytest.mark.parametrize("sent", BROKEN)
def test_what_is_no_answer_is_refused(sent):
    with pytest.raises(InputFault):
        answers_in(posted(sent))

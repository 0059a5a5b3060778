"""Added questions in a browser: a workbook is uploaded, looked at, published, asked in a record and read again."""

import pytest
from playwright.sync_api import expect

from jiafang.visits.models import QuestionSet, Visit
from jiafang.visits.questions.read import read_workbook
from jiafang.visits.services.questions import publish_questions
from tests.browser.conftest import OpenPage
from tests.factories import campaigns as made
from tests.factories import organization as make
from tests.factories import visits as write
from tests.questions.workbooks import YES_NO, everything, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRONG = [{"type": "geopoint", "name": "where", "label": "在哪里?"}, {"type": "image", "name": "photo", "label": "照片"}]


def test_a_workbook_is_uploaded_looked_at_and_published(open_page: OpenPage, axe_faults) -> None:
    school = made.small_school()
    page = open_page(school.principal, "/questions/", kind="principal")
    page.get_by_role("link", name="上传题目", exact=True).first.click()
    file = {"name": "暑期.xlsx", "mimeType": EXCEL, "buffer": workbook(WRONG)}
    page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("题型“geopoint”不支持")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("第 3 行")).to_be_visible()
    assert axe_faults(page) == []
    assert QuestionSet.unscoped.count() == 0

    page.set_input_files("input[type=file]", {**file, "buffer": everything()})  # type: ignore[arg-type]
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("heading", name="暑期情况")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("每天大约用几小时")).to_be_hidden()
    page.get_by_role("radio", name="有", exact=True).check()
    page.get_by_label("每天大约用几小时").fill("30")
    page.get_by_label("家里有几个孩子").focus()
    expect(page.get_by_text("一天只有 24 小时")).to_be_visible()
    assert axe_faults(page) == []
    page.get_by_role("radio", name="清溪镇").check()
    expect(page.get_by_role("radio", name="清溪村")).to_be_visible()
    expect(page.get_by_role("radio", name="石岭村")).to_be_hidden()
    page.get_by_role("radio", name="清溪村").check()
    expect(page.get_by_text("对清溪村有什么希望?")).to_be_visible()

    page.get_by_role("button", name="启用").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已启用。")).to_be_visible()
    assert QuestionSet.unscoped.get().state == "published"


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_record_asks_them_and_shows_the_answers_in_words(open_page: OpenPage, axe_faults, size: str) -> None:
    school = made.small_school()
    campaign = made.launched(school.by, school.school)
    survey = [
        {"type": "select_one yes_no", "name": "phone", "label": "孩子有自己的手机吗?", "required": "yes"},
        {"type": "integer", "name": "hours", "label": "每天几小时?", "relevant": "${phone} = 'yes'", "required": "yes"},
    ]
    row = QuestionSet.unscoped.create(
        school=school.school,
        tier="teacher_family",
        version=1,
        title="手机",
        definition=read_workbook(workbook(survey, YES_NO)).definition,
        created_by=school.principal,
    )
    publish_questions(by=school.by, question_set=row)
    make.guardian_of(school.students[0][0])
    met = write.appointment(campaign, [school.students[0][0]])

    page = open_page(school.homeroom[0], f"/appointments/{met.pk}/record/", kind="teacher", size=size)
    page.get_by_role("checkbox", name="母亲").or_(page.get_by_role("checkbox").first).first.check()
    page.get_by_label("一句话记录").fill("在家自觉")
    page.get_by_text("不用", exact=True).click()
    page.get_by_role("button", name="保存记录").click()
    expect(page.get_by_text("这道题要填写")).to_be_visible()
    assert Visit.unscoped.count() == 0
    page.get_by_role("radio", name="有", exact=True).check()
    page.get_by_label("每天几小时?").fill("2")
    assert axe_faults(page) == []
    page.get_by_role("button", name="保存记录").click()
    expect(page.get_by_text("已上传,可放心")).to_be_visible()
    expect(page.get_by_text("每天几小时?")).to_be_visible()
    assert axe_faults(page) == []
    assert Visit.unscoped.get().answers == [{"set_id": row.pk, "version": 1, "values": {"phone": "yes", "hours": 2}}]

    page.get_by_role("link", name="修改").click()
    expect(page.get_by_label("每天几小时?")).to_have_value("2")
    page.get_by_role("radio", name="没有").check()
    expect(page.get_by_label("每天几小时?")).to_be_hidden()
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text("已上传,可放心")).to_be_visible()
    assert Visit.unscoped.get().answers[0]["values"] == {"phone": "no"}

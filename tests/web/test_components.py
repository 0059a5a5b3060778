"""The template tags, drawn without a browser."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

import jiafang
from jiafang.web.components.guide import samples
from jiafang.web.components.icons import ICON_NAMES
from jiafang.web.components.shapes import Cell, Evening, Fault, Job, Stop, Timetable, TimetableRow, Trip

TEMPLATES = sorted((Path(jiafang.__file__).parent / "templates").rglob("*.html"))


def drawn(source: str, **context: object) -> str:
    return Template(source).render(Context({"request": RequestFactory().get("/list/?q=zxy&page=2"), **context}))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_icon_named_in_a_template_is_in_the_sprite(path: Path) -> None:
    assert set(re.findall(r'{% icon "([^"]+)" %}', path.read_text("utf-8"))) <= ICON_NAMES


def test_an_icon_that_is_not_in_the_sprite_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown icon"):
        drawn('{% icon "unicorn" %}')


@pytest.mark.parametrize("tone", ["met", "due", "overdue", "unseen", "declined"])
def test_a_state_is_told_by_word_and_mark_and_not_by_color_alone(tone: str) -> None:
    badge = drawn("{% state_badge tone %}", tone=tone)
    assert re.search(r'<span class="state-word">[^<]+</span>', badge)
    assert "<use href=" in badge


def test_a_label_from_outside_is_escaped() -> None:
    for source in (
        "{% state_badge 'due' words %}",
        "{% stat words words %}",
        "{% page_header title=words %}{% endpage_header %}",
    ):
        assert "<b>" not in drawn(source, words="<b>")


def test_what_stands_inside_a_page_header_stays_a_link() -> None:
    assert '<a href="/x">' in drawn('{% page_header title="x" %} <a href="/x">go</a> {% endpage_header %}')


@pytest.mark.parametrize(
    ("done", "total", "percent"), [(0, 0, "0%"), (2, 3, "66%"), (999, 1000, "99%"), (5, 5, "100%")]
)
def test_coverage_is_never_rounded_up_to_full(done: int, total: int, percent: str) -> None:
    assert f"<b>{percent}</b>" in drawn("{% coverage_bar done total %}", done=done, total=total)


class PhoneForm(forms.Form):
    phone = forms.CharField(label="手机号", help_text="只用来联系。")


def test_label_help_and_error_belong_to_their_field() -> None:
    page = drawn("{% field form.phone %}", form=PhoneForm({"phone": ""}))
    assert 'for="id_phone"' in page
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in page
    assert 'id="id_phone_helptext"' in page
    assert 'id="id_phone_error"' in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_day_and_time_are_given_to_the_browser_in_the_form_it_reads(language: str) -> None:
    class WhenForm(forms.Form):
        day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
        time = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}))

    form = WhenForm(initial={"day": dt.date(2026, 9, 1), "time": dt.time(18, 30)})
    with translation.override(language):
        page = drawn("{% fields form %}", form=form)
    assert 'value="2026-09-01"' in page
    assert 'value="18:30"' in page


def test_a_form_without_faults_shows_no_alert() -> None:
    assert drawn("{% form_errors form %}", form=PhoneForm({"phone": "1"})).strip() == ""


def test_the_pager_keeps_the_filters_of_the_list() -> None:
    page = drawn("{% pager page %}", page=Paginator(range(100), 10).page(2))
    assert 'href="?q=zxy&amp;page=1"' in page
    assert 'href="?q=zxy&amp;page=3"' in page
    assert drawn("{% pager page %}", page=Paginator(range(5), 10).page(1)).strip() == ""


def test_faults_say_sheet_row_and_column_and_how_many_are_not_listed() -> None:
    faults = [Fault("只有 15 位", "学生", row, "学籍号") for row in range(2, 12)]
    page = drawn("{% fault_list faults limit=3 %}", faults=faults)
    assert page.count('class="fault"') == 3
    assert "学生" in page
    assert "第 2 行" in page
    assert "学籍号" in page
    assert "有 10 处" in page
    assert "还有 7 处" in page


@pytest.mark.parametrize(("state", "asks"), [("waiting", True), ("running", True), ("done", False), ("failed", False)])
def test_a_job_is_asked_about_until_it_has_ended(state: str, asks: bool) -> None:
    job = Job("导入名册", "正在写入", state, "/jobs/1/", 40, 200)  # type: ignore[arg-type]  # a parameter of the test
    assert ('hx-get="/jobs/1/"' in drawn("{% progress_panel job %}", job=job)) is asks


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "正在估算"), (3, "马上就好"), (42, "大约还要 40 秒"), (290, "大约还要 5 分钟")]
)
def test_the_time_left_is_told_as_people_would_say_it(seconds: int | None, words: str) -> None:
    job = Job("排表", "第 2 步", "running", "/jobs/1/", 40, seconds)
    assert words in drawn("{% progress_panel job %}", job=job)


def a_timetable(*, fixed: bool) -> Timetable:
    evenings = [Evening("mon", "周一"), Evening("tue", "周二")]
    trip = Trip(
        "7", [Stop("林雨桐", "18:40", joint="A", joint_with="陈望舒")], "18:30", "", "", fixed, "/check/", "/move/"
    )
    row = TimetableRow("12", "林晓岚", [Cell([trip]), Cell(closed="值晚自习")])
    return Timetable(evenings, [row], "老师", movable=True)


def test_the_timetable_holds_the_same_trip_as_a_grid_and_as_a_list_by_evening() -> None:
    page = drawn("{% timetable table %}", table=a_timetable(fixed=False))
    grid, by_evening = page.split('class="timetable-list"')
    for part in (grid, by_evening):
        assert "林雨桐" in part
        assert 'data-move-url="/move/"' in part
    assert "值晚自习" in grid
    assert "周二" not in by_evening.split("<dialog")[0]


def test_a_trip_agreed_with_the_family_cannot_be_dragged() -> None:
    page = drawn("{% timetable table %}", table=a_timetable(fixed=True))
    assert "draggable" not in page
    assert "data-move-trip" not in page


def test_a_chart_has_its_numbers_as_a_table() -> None:
    page = drawn('{% chart "c" "coverage" data "覆盖率" %}', data=samples.COVERAGE_CHART)
    assert '<script id="c" type="application/json">' in page
    assert "<td>66</td>" in page
    assert "<td>87</td>" not in page


def test_text_in_a_data_block_cannot_end_the_block() -> None:
    page = drawn('{% json_block data "m" %}', data={"label": "</script><script>"})
    assert page.count("</script>") == 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_are_drawn_without_request_or_database(name: str, language: str) -> None:
    with translation.override(language):
        page = render_to_string(name)
    assert "error-card" in page
    assert f'<html lang="{language}"' in page

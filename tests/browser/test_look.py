"""The parts of the look in a real browser, on the pages of the style guide."""

import pytest
from playwright.sync_api import FloatRect, Page, expect

from jiafang.organization.models import Person, Post
from jiafang.web.components.guide.views import GROUPS
from tests.factories import organization as made

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def administrator() -> Person:
    return made.bureau_post(Post.Kind.ADMINISTRATOR)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(open_page, axe_faults, administrator, size) -> None:
    page = open_page(administrator, "/look/", size=size)
    found = []
    for group in GROUPS:
        page.goto(f"/look/?show={group}&frame=sample")
        page.wait_for_load_state("networkidle")
        found += [f"{group}: {fault}" for fault in axe_faults(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{group}: wider than the screen")
    assert found == []


def test_a_class_of_fifty_fits_on_a_phone_without_scrolling(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=class&frame=sample", size="phone")
    last = place_of(page, "li:nth-child(50) > .tile")
    bar = place_of(page, ".tabbar")
    assert last["y"] + last["height"] <= bar["y"]


def test_targets_on_a_phone_are_large_enough_for_a_thumb(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=today&frame=sample", size="phone")
    small = [
        box
        for box in (one.bounding_box() for one in page.locator(".btn:visible, .tabbar-link:visible, summary").all())
        if box and (box["height"] < 44 or box["width"] < 44)
    ]
    assert small == []


def place_of(page: Page, selector: str) -> FloatRect:
    box = page.locator(selector).bounding_box()
    assert box is not None, f"{selector} is not on the page"
    return box


def drag(page: Page, trip: str, visitor: str, evening: str) -> None:
    """Hold the block over the cell until the answer is shown; the mouse stays down."""
    page.locator(f".timetable-grid [data-trip={trip}]").hover()
    page.mouse.down()
    box = place_of(page, f"td[data-visitor={visitor}][data-evening={evening}]")
    page.mouse.move(box["x"] + 30, box["y"] + 30, steps=6)
    page.mouse.move(box["x"] + 34, box["y"] + 34)


def test_conflicts_are_shown_before_a_trip_is_dropped_and_the_drop_is_refused(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=timetable&frame=sample")
    posted = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    drag(page, "b1", "b", "thu")
    expect(page.locator(".drop-verdict")).to_contain_text("是上限")
    page.mouse.up()
    expect(page.locator(".toast-warning")).to_contain_text("是上限")
    assert posted == []


def test_a_trip_that_fits_is_moved_by_dropping_it(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=timetable&frame=sample")
    drag(page, "b1", "a", "wed")
    expect(page.locator(".drop-verdict")).to_contain_text("可以换到这里")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.mouse.up()
    assert "visitor=a" in (sent.value.post_data or "")
    assert "evening=wed" in (sent.value.post_data or "")
    expect(page.locator(".toast-success")).to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_trip_is_moved_by_keyboard_or_thumb_through_the_dialog(open_page, administrator, size) -> None:
    page = open_page(administrator, "/look/?show=timetable&frame=sample", size=size)
    page.locator("[data-move-trip]:visible").first.focus()
    page.keyboard.press("Enter")
    page.select_option("#move-evening", "thu")
    expect(page.locator("[data-move-verdict]")).to_contain_text("是上限")
    expect(page.locator("[data-move-submit]")).to_be_disabled()
    page.select_option("#move-evening", "fri")
    expect(page.locator("[data-move-verdict]")).to_contain_text("多走 11 分钟")
    page.locator("[data-move-submit]").click()
    expect(page.locator(".toast-success")).to_be_visible()
    expect(page.locator("[data-move-dialog]")).to_be_hidden()


def test_a_trip_already_agreed_with_the_family_cannot_be_moved(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=timetable&frame=sample")
    fixed = page.locator(".timetable-grid .trip-fixed").first
    expect(fixed).to_have_count(1)
    expect(fixed.locator("[data-move-trip]")).to_have_count(0)
    expect(fixed).not_to_have_attribute("draggable", "true")


def test_what_was_typed_survives_a_reload_and_can_be_discarded(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=forms")
    page.fill("#id_finding", "奶奶在家,作业按时做完。")
    page.check("#id_channel_2")
    page.reload()
    expect(page.locator("#id_finding")).to_have_value("奶奶在家,作业按时做完。")
    expect(page.locator("#id_channel_2")).to_be_checked()
    page.get_by_role("button", name="不要了,重新填").click()
    expect(page.locator("#id_finding")).to_have_value("")
    page.reload()
    expect(page.locator("#id_finding")).to_have_value("")


def test_what_was_typed_survives_a_save_that_never_reached_the_server(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=forms")
    page.fill("#id_finding", "孩子想参加篮球队。")
    page.fill("#id_phone", "13900000000")
    page.check("#id_channel_0")
    page.evaluate("document.querySelector('[data-keep]').addEventListener('submit', (e) => e.preventDefault())")
    page.locator("[data-keep] button[type=submit]").click()
    page.get_by_role("button", name="确定").click()
    page.reload()
    expect(page.locator("#id_finding")).to_have_value("孩子想参加篮球队。")


def test_what_was_typed_is_forgotten_once_the_server_has_taken_it(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=forms")
    page.fill("#id_finding", "孩子想参加篮球队。")
    page.fill("#id_phone", "13900000000")
    page.check("#id_channel_0")
    page.locator("[data-keep] button[type=submit]").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".toast-success")).to_contain_text("已记下")
    page.goto("/look/?show=forms")
    expect(page.locator("#id_finding")).to_have_value("")


def test_a_refused_form_keeps_what_was_typed_and_leads_to_the_first_fault(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=forms")
    page.fill("#id_finding", "一切都好。")
    page.fill("#id_phone", "1390000")
    page.check("#id_channel_0")
    page.locator("[data-keep] button[type=submit]").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator("#id_phone")).to_be_focused()
    expect(page.locator("#id_phone_error")).to_have_text("手机号应是 11 位数字,请再看一下。")
    expect(page.locator("#id_finding")).to_have_value("一切都好。")


def test_a_form_that_asks_first_is_sent_only_after_a_yes(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=forms")
    posted = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.fill("#id_finding", "一切都好。")
    page.fill("#id_phone", "13900000000")
    page.check("#id_channel_0")
    page.locator("[data-keep] button[type=submit]").click()
    expect(page.locator("#confirm-dialog")).to_contain_text("要保存这条记录吗?")
    page.get_by_role("button", name="先不", exact=True).click()
    expect(page.locator("#confirm-dialog")).to_be_hidden()
    assert posted == []


def test_chosen_files_are_listed_with_name_and_size_and_can_be_removed(open_page, administrator, tmp_path) -> None:
    for name, size in (("学生.csv", 3000), ("家长.csv", 2_500_000)):
        (tmp_path / name).write_bytes(b"x" * size)
    page = open_page(administrator, "/look/?show=files")
    page.set_input_files("input[type=file]", [tmp_path / "学生.csv"])
    page.set_input_files("input[type=file]", [tmp_path / "家长.csv"])
    expect(page.locator(".drop-zone-count")).to_have_text("已选 2 个文件")
    expect(page.locator(".drop-zone-row").nth(0)).to_contain_text("3 KB")
    expect(page.locator(".drop-zone-row").nth(1)).to_contain_text("2.4 MB")
    page.get_by_role("button", name="去掉 学生.csv").click()
    assert page.evaluate("[...document.querySelector('input[type=file]').files].map((f) => f.name)") == ["家长.csv"]


def test_a_long_job_goes_on_showing_its_progress(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=files")
    with page.expect_response("**/look/job/"):
        expect(page.locator(".job-running .job-percent")).to_be_visible()
    expect(page.locator(".job-running")).to_have_count(1)


def test_larger_type_is_kept_for_the_next_page(open_page, administrator) -> None:
    page = open_page(administrator, "/look/?show=parts")
    before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    page.locator(".account-side summary").click()
    page.locator(".account-side [data-large-type]").click()
    page.goto("/look/?show=class")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") > before * 1.15


def test_charts_and_maps_are_drawn_and_their_scripts_are_loaded_only_where_they_are_shown(
    open_page, administrator
) -> None:
    page = open_page(administrator, "/look/?show=parts")
    assert page.locator("script[src*='chart.js'], script[src*='map.js']").count() == 0
    page.goto("/look/?show=charts")
    expect(page.locator(".chart:has(canvas)")).to_have_count(3)
    expect(page.locator(".map-mark-stop")).to_have_count(3)


def test_the_first_tab_stop_leads_past_the_navigation(open_page, administrator) -> None:
    page = open_page(administrator, "/look/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()

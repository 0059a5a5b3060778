"""What the phone promises, against the real server."""

import base64
import datetime as dt
import json
from typing import Any

import pytest

from jiafang.campaigns.models import Duty
from jiafang.common.clock import now
from jiafang.visits.models import Attachment, HeldItem, Visit, VisitRevision
from jiafang.visits.services.settle_held import dismiss_held
from tests.factories import organization as make
from tests.phone.disturbed import KINDS, Fault, Weather
from tests.phone.history import History
from tests.phone.house import BUSY, FAULTY, House, Line, draft
from tests.phone.node import CRASHED, CUT, Answer, NotDone, Phones
from tests.phone.photo import PHOTO

DAY = 24 * 60 * 60_000


@pytest.fixture
def phone(house: House, line: Line, phones: Phones) -> Phones:
    """Phone "a", on which the first teacher has signed in."""
    line.bundles = False  # what is given to read is the dearest answer, and few tests look at it
    line.sign_in("a", house.teachers[0])
    phones("a", "open")
    phones("a", "sync")
    return phones


@pytest.fixture
def reading(line: Line, phone: Phones) -> Phones:
    """The phone with what is given to read."""
    line.bundles = True
    phone("a", "sync")
    return phone


def states(phones: Phones) -> list[tuple[str, str]]:
    return [(item["kind"], item["state"]) for item in reversed(phones("a", "items"))]


def puts(line: Line) -> list[str]:
    return [asked.path for asked in line.served if asked.method == "PUT"]


def disk(phones: Phones) -> str:
    return json.dumps(phones("a", "raw"), ensure_ascii=False)


def test_a_record_is_saved_without_a_line_and_sent_once_with_it(house: House, line: Line, phone: Phones) -> None:
    line.disturb = lambda asked, reach: CUT
    saved = phone("a", "saveVisit", draft=draft(house.duties[:2], "兄妹俩都在"))
    phone("a", "sync")
    assert states(phone) == [("visit", "waiting")]
    assert phone("a", "facts")["online"] is False
    line.disturb = lambda asked, reach: reach()
    phone("a", "sync")
    phone("a", "sync")
    assert states(phone) == [("visit", "taken")]
    assert len(puts(line)) == 1
    visit = Visit.unscoped.get()
    assert (str(visit.pk), visit.revision, visit.finding) == (saved["id"], saved["revision"], "兄妹俩都在")
    assert set(Duty.unscoped.filter(state="met")) == set(house.duties[:2])


def test_what_was_typed_and_what_was_read_lies_sealed(house: House, reading: Phones) -> None:
    reading("a", "saveVisit", draft=draft(house.duties[:1], "父亲在外打工"))
    reading("a", "keepDraft", key="record:2", value={"finding": "还没写完"}, typed=True)
    kept = disk(reading)
    assert reading("a", "facts")["bundle"]["people"]
    for text in ("父亲在外打工", "还没写完", house.teachers[0].name, house.duties[0].person.name, "母亲"):
        assert text not in kept
    keys = [row[name]["key"] for row in reading("a", "raw")["owners"] for name in ("writing", "reading")]
    assert keys == ["kept", "kept"]
    reading("a", "open")
    assert reading("a", "draft", key="record:2") == {"finding": "还没写完"}


def test_signing_out_leaves_no_names_and_keeps_what_is_unsent(house: House, line: Line, reading: Phones) -> None:
    line.disturb = lambda asked, reach: CUT
    reading("a", "saveVisit", draft=draft(house.duties[:1], "门口聊了会儿"))
    reading("a", "keepDraft", key="typed", value={"finding": "半句"}, typed=True)
    reading("a", "keepDraft", key="prefilled", value={"channel": "phone"}, typed=False)
    assert reading("a", "signOut") == 1
    facts = reading("a", "facts")
    assert (facts["owner"], facts["bundle"], facts["account"], facts["unsentOfOthers"]) == (None, None, "out", 1)
    [row] = reading("a", "raw")["owners"]
    assert (row["reading"], row["about"], row["bundle"]) == (None, None, None)
    with pytest.raises(NotDone, match="no_owner"):
        reading("a", "saveVisit", draft=draft(house.duties[:1], "谁的?"))
    line.disturb = lambda asked, reach: reach()
    reading("a", "sync")  # ends the session that was left without a line
    assert reading("a", "facts")["owner"] is None
    line.sign_in("a", house.teachers[1])
    reading("a", "sync")
    assert reading("a", "facts")["unsentOfOthers"] == 1
    assert Visit.unscoped.count() == 0
    line.sign_in("a", house.teachers[0])
    reading("a", "sync")
    assert Visit.unscoped.get().finding == "门口聊了会儿"
    assert reading("a", "draft", key="typed") == {"finding": "半句"}
    assert reading("a", "draft", key="prefilled") is None


def test_who_left_without_a_line_and_comes_back_is_not_signed_out_again(
    house: House, line: Line, reading: Phones
) -> None:
    line.disturb = lambda asked, reach: CUT
    reading("a", "saveVisit", draft=draft(house.duties[:1], "路上写的"))
    assert reading("a", "signOut") == 1
    line.disturb = lambda asked, reach: reach()
    line.sign_in("a", house.teachers[0], anew=True)
    reading("a", "sync")
    facts = reading("a", "facts")
    assert (facts["account"], facts["owner"]["person"]) == ("in", house.teachers[0].pk)
    assert Visit.unscoped.get().finding == "路上写的"
    reading("a", "sync")
    assert reading("a", "facts")["account"] == "in"


def test_a_revoked_session_takes_what_was_read_and_not_what_was_written(
    house: House, line: Line, reading: Phones
) -> None:
    line.disturb = lambda asked, reach: CUT
    reading("a", "saveVisit", draft=draft(house.duties[:1], "第一条"))
    line.disturb = lambda asked, reach: reach()
    line.sign_out("a")
    reading("a", "sync")
    facts = reading("a", "facts")
    assert (facts["account"], facts["bundle"], facts["unsent"]) == ("expired", None, 1)
    reading("a", "saveVisit", draft=draft(house.duties[1:2], "第二条"))
    line.sign_in("a", house.teachers[0])
    reading("a", "sync")
    assert {visit.finding for visit in Visit.unscoped.all()} == {"第一条", "第二条"}


@pytest.mark.parametrize("years", [-10, 10])
def test_a_clock_that_jumps_loses_nothing_and_stops_nothing(
    house: House, line: Line, phone: Phones, years: int
) -> None:
    line.disturb = lambda asked, reach: CUT
    phone("a", "saveVisit", draft=draft(house.duties[:1], "跳表前"))
    for _attempt in range(3):
        phone("a", "sync")
    clock = int(now().timestamp() * 1000) + years * 365 * DAY
    phone("a", "set", values={"clock": clock})
    phone("a", "open")
    phone("a", "saveVisit", draft=draft(house.duties[1:2], "跳表后"))
    line.disturb = lambda asked, reach: reach()
    phone("a", "sync")
    assert Visit.unscoped.count() == 2
    # Once it has heard the server, the phone knows the time again.
    told = dt.datetime.fromisoformat(phone("a", "facts")["now"])
    assert abs(told - now()) < dt.timedelta(minutes=1)


def test_after_thirty_days_without_a_sync_only_what_is_unsent_is_left(
    house: House, line: Line, reading: Phones
) -> None:
    reading("a", "saveVisit", draft=draft(house.duties[:1], "暑假前"))
    clock = int(now().timestamp() * 1000)
    reading("a", "set", values={"clock": clock + 29 * DAY})
    reading("a", "open")
    assert reading("a", "facts")["bundle"] is not None
    for days in (31, 62):  # a summer lasts sixty
        reading("a", "set", values={"clock": clock + days * DAY})
        reading("a", "open")
        facts = reading("a", "facts")
        assert (facts["bundle"], facts["unsent"]) == (None, 1)
    reading("a", "sync")
    assert reading("a", "facts")["bundle"] is not None
    assert Visit.unscoped.get().finding == "暑假前"


def test_a_full_phone_says_so_and_calls_nothing_saved(house: House, phone: Phones) -> None:
    phone("a", "set", values={"full": True})
    with pytest.raises(NotDone, match="full"):
        phone("a", "saveVisit", draft=draft(house.duties[:1], "装不下"))
    with pytest.raises(NotDone, match="too_large"):
        phone("a", "saveVisit", draft=draft(house.duties[:1], "长" * 100_000))
    phone("a", "set", values={"full": False})
    assert states(phone) == []


def test_one_bad_item_holds_up_nothing_but_what_hangs_on_it(house: House, line: Line, phone: Phones) -> None:
    bad = phone("a", "saveVisit", draft=draft(house.duties[:1], "送不出去"))
    phone("a", "saveVisit", draft=draft(house.duties[:1], "再改一次"), edit={"id": bad["id"], "baseRevision": 1})
    phone("a", "saveVisit", draft=draft(house.duties[1:2], "好的"))
    phone("a", "saveFile", visit=bad["id"], kind="photo", data=_base64(PHOTO), type="image/jpeg")
    line.disturb = lambda asked, reach: FAULTY if bad["id"] in asked.path else reach()
    phone("a", "sync")
    assert states(phone) == [("visit", "waiting"), ("visit", "waiting"), ("visit", "taken"), ("file", "waiting")]
    line.disturb = lambda asked, reach: reach()
    phone("a", "sync")
    assert {state for _kind, state in states(phone)} == {"taken"}
    assert puts(line)[-1].endswith("?kind=photo")
    assert str(Attachment.unscoped.get().visit_id) == bad["id"]
    assert Visit.unscoped.get(pk=bad["id"]).finding == "再改一次"


def test_a_server_without_time_for_phones_makes_nothing_wait_for_long(house: House, line: Line, phone: Phones) -> None:
    line.disturb = lambda asked, reach: BUSY if asked.method == "PUT" else reach()
    phone("a", "saveVisit", draft=draft(house.duties[:1], "都回来了"))
    phone("a", "saveVisit", draft=draft(house.duties[1:2], "都回来了"))
    for _time in range(12):
        phone("a", "sync")
    assert sum(asked.method == "PUT" for asked in line.served) == 0
    assert {item["state"] for item in phone("a", "items")} == {"waiting"}
    assert all(dt.datetime.fromisoformat(item["nextTry"]) <= now() for item in phone("a", "items"))
    line.disturb = lambda asked, reach: reach()
    phone("a", "sync")
    assert Visit.unscoped.count() == 2


def test_waits_grow_and_stay_below_two_hours(house: House, line: Line, phone: Phones) -> None:
    line.disturb = lambda asked, reach: FAULTY if asked.method == "PUT" else reach()
    phone("a", "saveVisit", draft=draft(house.duties[:1], "等一等"))
    waits = []
    for _attempt in range(14):
        phone("a", "sync")
        [item] = phone("a", "items")
        waits.append(dt.datetime.fromisoformat(item["nextTry"]) - now())
    assert waits[0] < dt.timedelta(seconds=10)
    assert waits[4] > dt.timedelta(seconds=30)
    assert dt.timedelta(minutes=20) < waits[-1] < dt.timedelta(hours=2)


def test_only_a_whole_and_true_receipt_counts(house: House, line: Line, phone: Phones) -> None:
    weather = Weather(line)
    phone("a", "saveVisit", draft=draft(house.duties[:1], "第一条"))
    phone("a", "sync")
    phone("a", "saveVisit", draft=draft(house.duties[1:2], "第二条"))
    for kind in KINDS:
        if kind not in ("whole", "twice", "stale"):
            weather.expect([Fault("whole"), Fault(kind, 0.3)])
            phone("a", "sync")
            assert states(phone)[1] == ("visit", "waiting"), kind
    for forgery in range(20):
        weather.expect([Fault("whole"), Fault("forged", forgery / 20)])
        phone("a", "sync")
        assert states(phone)[1] == ("visit", "waiting"), forgery
    phone("a", "sync")
    assert states(phone)[1] == ("visit", "taken")
    assert Visit.unscoped.count() == 2


def _cut_at(line: Line, phone: Phones, house: House, places: Any) -> int:
    """Every attempt's answer ends at another byte; then a whole one. Says how long the whole one is."""
    whole: list[Answer] = []

    def cut(asked: Any, reach: Any) -> Answer:
        if asked.method != "PUT":
            return FAULTY if asked.path.endswith("bundle") else reach()
        if not whole:
            whole.append(reach())
        answer, place = whole[0], next(places, None)
        return answer if place is None else Answer(answer.status, answer.headers, answer.body[:place])

    line.disturb = cut
    phone("a", "saveVisit", draft=draft(house.duties[:1], "断了又断"))
    while phone("a", "items")[0]["state"] != "taken":
        phone("a", "sync")
    assert len(puts(line)) == 1
    return len(whole[0].body)


def test_an_answer_that_ends_early_is_no_answer(house: House, line: Line, phone: Phones) -> None:
    length = _cut_at(line, phone, house, iter([0, 1, 17, 100, 200, 300, 400]))
    assert length > 400


@pytest.mark.nightly
def test_an_answer_that_ends_early_at_any_byte_is_no_answer(house: House, line: Line, phone: Phones) -> None:
    length = _cut_at(line, phone, house, iter(range(400)))
    assert length > 400


def test_who_uses_the_phone_next_sees_and_sends_nothing_of_the_one_before(
    house: House, line: Line, phone: Phones
) -> None:
    phone("a", "saveVisit", draft=draft(house.duties[:1], "甲老师的"))
    line.sign_in("a", house.teachers[1])
    phone("a", "sync")
    assert phone("a", "items") == []
    facts = phone("a", "facts")
    assert (facts["owner"]["person"], facts["unsent"], facts["unsentOfOthers"]) == (house.teachers[1].pk, 0, 1)
    assert Visit.unscoped.count() == 0
    line.sign_in("a", house.teachers[0])
    phone("a", "sync")
    assert Visit.unscoped.get().recorded_by == house.teachers[0]


def test_two_tabs_send_once(house: House, line: Line, phone: Phones) -> None:
    phone("a", "saveVisit", draft=draft(house.duties[:1], "一次就够"))
    phone("a", "open", tab="2")
    phone.together({"device": "a", "do": "sync"}, {"device": "a", "do": "sync", "tab": "2"})
    assert len(puts(line)) == 1
    assert phone("a", "items", tab="2")[0]["state"] == "taken"


def test_what_is_refused_is_held_and_its_correction_takes_its_place(house: House, line: Line, phone: Phones) -> None:
    tomorrow = (now() + dt.timedelta(days=1)).isoformat()
    saved = phone("a", "saveVisit", draft=draft(house.duties[:1], "写错日子", started_at=tomorrow))
    phone("a", "sync")
    [item] = phone("a", "items")
    assert (item["state"], item["reason"], item["place"]) == ("held", "refused", "started_at")
    assert item["message"]
    edit = {"id": saved["id"], "baseRevision": item["revision"]}
    phone("a", "saveVisit", draft=draft(house.duties[:1], "改好了"), edit=edit)
    phone("a", "sync")
    assert [(one["state"], one["body"]["finding"]) for one in phone("a", "items")] == [("taken", "改好了")]
    assert Visit.unscoped.get().revision == 1
    assert HeldItem.unscoped.get().state == HeldItem.State.REPLACED
    edit["baseRevision"] = phone("a", "items")[0]["revision"]
    phone("a", "saveVisit", draft=draft(house.duties[:1], "又改"), edit=edit)
    phone("a", "sync")
    assert Visit.unscoped.get().finding == "又改"


def test_what_was_settled_longer_ago_than_the_server_tells_of_is_known_to_be_settled(
    house: House, line: Line, reading: Phones
) -> None:
    tomorrow = (now() + dt.timedelta(days=1)).isoformat()
    reading("a", "saveVisit", draft=draft(house.duties[:1], "写错日子", started_at=tomorrow))
    reading("a", "sync")
    assert [item["settledThere"] for item in reading("a", "items")] == [""]
    [row] = HeldItem.unscoped.all()
    dismiss_held(by=make.actor_of(house.teachers[0], "teacher"), held_id=row.pk)
    HeldItem.unscoped.all().delete()  # as the nightly purge does after a month
    reading("a", "sync")
    reading("a", "sync")
    sent = len(puts(line))
    reading("a", "sync")
    assert len(puts(line)) == sent == 2  # asked for once more, and not again and again
    [item] = reading("a", "items")
    assert (item["settledThere"], item["state"]) == ("settled", "held")


def test_a_correction_written_before_the_refusal_was_known_still_arrives(
    house: House, line: Line, phone: Phones
) -> None:
    tomorrow = (now() + dt.timedelta(days=1)).isoformat()
    saved = phone("a", "saveVisit", draft=draft(house.duties[:1], "写错日子", started_at=tomorrow))
    edit = {"id": saved["id"], "baseRevision": 1}
    phone("a", "saveVisit", draft=draft(house.duties[:1], "改好了"), edit=edit)
    phone("a", "sync")
    assert Visit.unscoped.get().finding == "改好了"
    assert [one["state"] for one in phone("a", "items")] == ["taken"]


def test_two_phones_with_one_record_make_a_conflict_that_a_person_settles(
    house: House, line: Line, phone: Phones
) -> None:
    saved = phone("a", "saveVisit", draft=draft(house.duties[:1], "起初"))
    phone("a", "sync")
    line.sign_in("b", house.teachers[0])
    phone("b", "open")
    phone("b", "sync")
    edit = {"id": saved["id"], "baseRevision": 1}
    phone("b", "saveVisit", draft=draft(house.duties[:1], "乙手机"), edit=edit)
    phone("b", "sync")
    phone("a", "saveVisit", draft=draft(house.duties[:1], "甲手机"), edit=edit)
    phone("a", "saveVisit", draft=draft(house.duties[:1], "甲又改"), edit=edit | {"baseRevision": 2})
    phone("a", "sync")
    conflict = next(item for item in phone("a", "items") if item["state"] == "conflict")
    assert (conflict["body"]["finding"], conflict["current"]["body"]["finding"]) == ("甲又改", "乙手机")
    assert Visit.unscoped.get().finding == "乙手机"
    phone("a", "settle", id=saved["id"], draft=draft(house.duties[:1], "两边都要"))
    phone("a", "sync")
    assert Visit.unscoped.get().finding == "两边都要"
    assert {json.loads(row.body)["finding"] for row in VisitRevision.unscoped.all()} == {"起初", "乙手机"}
    assert [item["state"] for item in phone("a", "items")] == ["taken", "taken"]


def test_a_record_about_a_student_out_of_reach_is_held_and_not_lost(house: House, line: Line, phone: Phones) -> None:
    phone("a", "saveVisit", draft=draft(house.duties_of(house.school.classes[1])[:1], "别班的学生"))
    phone("a", "sync")
    [item] = phone("a", "items")
    assert (item["state"], item["reason"]) == ("held", "out_of_reach")
    assert "别班的学生" in bytes(HeldItem.unscoped.get().content).decode()
    phone("a", "dismiss", id=item["id"])
    assert states(phone) == []


def test_what_a_backup_has_reached_goes_and_a_restore_brings_the_rest_again(
    house: House, line: Line, phone: Phones
) -> None:
    history = History()
    try:
        phone("a", "saveVisit", draft=draft(house.duties[:1], "备份之前"))
        phone("a", "sync")
        assert states(phone) == [("visit", "taken")]
        history.backup()
        phone("a", "saveVisit", draft=draft(house.duties[1:2], "备份之后"))
        phone("a", "sync")
        phone("a", "sync")
        assert [item["body"]["finding"] for item in phone("a", "items")] == ["备份之后"]
        history.restore(0)
        assert Visit.unscoped.count() == 1
        phone("a", "sync")
        assert {visit.finding for visit in Visit.unscoped.all()} == {"备份之前", "备份之后"}
    finally:
        history.end()


def _killed_everywhere(house: House, line: Line, phone: Phones, points: range) -> None:
    """Killed at each of these points of a save and of a talk with the server: what was called saved arrives once."""
    for point in points:
        token = f"第{point}次"
        saved = phone("a", "saveVisit", draft=draft(house.duties[:1], token), crashAt=point)
        phone("a", "open")
        if phone("a", "sync", crashAt=point) == CRASHED:
            phone("a", "open")
        phone("a", "sync")
        arrived = [visit for visit in Visit.unscoped.all() if visit.finding == token]
        assert len(arrived) == 1 or (saved == CRASHED and not arrived), point
    assert {state for _kind, state in states(phone)} == {"taken"}


def test_a_phone_killed_while_saving_or_sending_loses_and_doubles_nothing(
    house: House, line: Line, phone: Phones
) -> None:
    Weather(line)
    _killed_everywhere(house, line, phone, range(1, 90, 9))


@pytest.mark.nightly
def test_a_phone_killed_at_any_point_loses_and_doubles_nothing(house: House, line: Line, phone: Phones) -> None:
    Weather(line)
    _killed_everywhere(house, line, phone, range(1, 120))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()

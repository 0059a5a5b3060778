"""Phones, people, the line, the house and its backups in any order: what was called saved is never lost nor doubled."""

import base64
import datetime as dt
import itertools
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from jiafang.campaigns.models import Campaign
from jiafang.campaigns.services.close import close_campaign
from jiafang.common.clock import now, today
from jiafang.organization.models import Person
from jiafang.organization.services.move import move_student
from tests.phone.conftest import DEVICES
from tests.phone.disturbed import KINDS, Fault, Weather
from tests.phone.history import History
from tests.phone.house import House, Line, draft, outcome
from tests.phone.ledger import Ledger, Saved, coverage_faults, day_of, on_phone, on_server
from tests.phone.node import CRASHED, NotDone, Phones
from tests.phone.photo import PHOTO

YEARS = 365 * 24 * 60 * 60_000
OUTCOMES = ("missed", "cancelled_by_family", "cancelled_by_school", "declined", "arranged")

faults = st.lists(st.builds(Fault, st.sampled_from(KINDS), st.floats(0, 1, exclude_max=True)), max_size=6)
devices = st.sampled_from(DEVICES)
anything = st.integers(0, 2**16)
# Mostly no crash; else at one of the points where the engine waits for something.
crash = st.one_of(st.none(), st.none(), st.integers(1, 60))


class District(RuleBasedStateMachine):
    """Teachers, their phones, and everything that happens around them."""

    phones: ClassVar[Phones]
    line: ClassVar[Line]
    house: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self.phones.reset()
        self.line.clients.clear()
        self.weather = Weather(self.line)
        self.history = History()
        self.ledger = Ledger()
        self.begun: set[str] = set()
        self.tokens = (f"t{n}" for n in itertools.count(1))

    # Who uses which phone.

    def on(self, device: str) -> str:
        """The phone, which somebody has opened and signed in on at least once."""
        if device not in self.begun:
            self.begun.add(device)
            self.line.sign_in(device, self.house.teachers[DEVICES.index(device) % 2])
            self.weather.expect([])
            self.phones(device, "open")
            self.phones(device, "sync")
        return device

    @rule(device=devices, who=st.integers(0, 1))
    def somebody_signs_in(self, device: str, who: int) -> None:
        self.line.sign_in(self.on(device), self.house.teachers[who])

    @rule(device=devices)
    def the_session_is_revoked(self, device: str) -> None:
        self.line.sign_out(self.on(device))

    @rule(device=devices, weather=faults)
    def somebody_signs_out(self, device: str, weather: list[Fault]) -> None:
        self.on(device)
        self.weather.expect(weather)
        self.phones(device, "signOut")

    # What is written.

    @rule(device=devices, pick=anything, days=st.integers(0, 5), siblings=st.booleans(), crash_at=crash)
    def a_record_is_saved(self, device: str, pick: int, days: int, siblings: bool, crash_at: int | None) -> None:
        duties = self.house.duties
        chosen = [duties[pick % len(duties)]]
        if siblings:
            of_class = self.house.duties_of(self.house.school.classes[0 if pick % 2 else 1])
            chosen = of_class[:2]
        self.write(self.on(device), [duty.pk for duty in chosen], days, crash_at)

    @rule(device=devices, pick=anything, days=st.integers(0, 5), crash_at=crash)
    def a_record_is_corrected(self, device: str, pick: int, days: int, crash_at: int | None) -> None:
        visits = [item for item in self.phones(self.on(device), "items") if item["kind"] == "visit"]
        if visits:
            item = visits[pick % len(visits)]
            edit = {"id": item["id"], "baseRevision": item["revision"]}
            self.write(device, item["body"]["duties"], days, crash_at, edit)

    @rule(device=devices, pick=anything, days=st.integers(0, 5))
    def a_record_of_the_server_is_corrected(self, device: str, pick: int, days: int) -> None:
        """The same record on two phones."""
        bundle = self.phones(self.on(device), "facts")["bundle"]
        if bundle and bundle["records"]:
            record = bundle["records"][pick % len(bundle["records"])]
            edit = {"id": record["visit"], "baseRevision": record["revision"]}
            self.write(device, record["body"]["duties"], days, None, edit)

    @rule(device=devices, pick=anything)
    def a_conflict_is_settled(self, device: str, pick: int) -> None:
        conflicts = [item for item in self.phones(self.on(device), "items") if item["state"] == "conflict"]
        if not conflicts:
            return
        item, owner = conflicts[pick % len(conflicts)], self.phones(device, "facts")["owner"]["person"]
        mine = {one["body"]["finding"] for one in self.phones(device, "items") if one["id"] == item["id"]}
        token = next(self.tokens)
        fields = self.fields(item["current"]["body"]["duties"], token, pick % 5)
        try:
            saved = self.phones(device, "settle", id=item["id"], draft=fields)
        except NotDone as error:
            error.expected("no_conflict", "no_owner")
            return
        self.note_saved(device, owner, token, "visit", saved["id"], fields)
        self.ledger.merged |= {finding.split(" ")[0] for finding in mine}

    @rule(device=devices, pick=anything)
    def what_the_server_holds_is_given_up(self, device: str, pick: int) -> None:
        items = self.phones(self.on(device), "items")
        held = [item for item in items if item["state"] in ("held", "conflict", "refused_here")]
        if held:
            self.phones(device, "dismiss", id=held[pick % len(held)]["id"])
            self.ledger.dismissed |= on_phone(items) - on_phone(self.phones(device, "items"))

    @rule(device=devices, what=st.sampled_from(OUTCOMES), pick=anything, crash_at=crash)
    def an_outcome_is_saved(self, device: str, what: str, pick: int, crash_at: int | None) -> None:
        appointment = self.house.appointments[pick % len(self.house.appointments)]
        self.keep(self.on(device), "outcome", "saveOutcome", crash_at, draft=outcome(appointment, what))

    @rule(device=devices, pick=anything, crash_at=crash)
    def a_photo_is_saved(self, device: str, pick: int, crash_at: int | None) -> None:
        visits = [item for item in self.phones(self.on(device), "items") if item["kind"] == "visit"]
        if visits:
            visit = visits[pick % len(visits)]["id"]
            photo = {"kind": "photo", "data": _base64(PHOTO), "type": "image/jpeg"}
            self.keep(device, "file", "saveFile", crash_at, visit=visit, **photo)

    def fields(self, duties: list[int], token: str, days: int) -> dict[str, Any]:
        chosen = [duty for duty in self.house.duties if duty.pk in duties]
        started = (now() - dt.timedelta(days=days, hours=1)).isoformat()
        return draft(chosen, f"{token} 聊了聊", started_at=started)

    def write(
        self, device: str, duties: list[int], days: int, crash_at: int | None, edit: dict[str, Any] | None = None
    ) -> None:
        token = next(self.tokens)
        fields = self.fields(duties, token, days)
        owner = self.phones(device, "facts")["owner"]
        try:
            saved = self.phones(device, "saveVisit", draft=fields, edit=edit, crashAt=crash_at)
        except NotDone as error:
            error.expected("no_owner")
            return
        crashed = saved == CRASHED
        if owner is None:
            assert crashed, "saved although nobody is signed in"  # it died before it could say so
        else:
            item = edit["id"] if edit else saved.get("id", "")
            self.note_saved(device, owner["person"], token, "visit", item, fields, maybe=crashed)
        self.after(device, crashed)

    def keep(self, device: str, what: str, do: str, crash_at: int | None, **given: Any) -> None:
        owner = self.phones(device, "facts")["owner"]
        try:
            saved = self.phones(device, do, crashAt=crash_at, **given)
        except NotDone as error:
            error.expected("no_owner")
            return
        if saved != CRASHED:
            self.note_saved(device, owner["person"], saved["id"], what, saved["id"], {})
        self.after(device, saved == CRASHED)

    def note_saved(
        self, device: str, owner: int, token: str, kind: str, item: str, fields: dict[str, Any], *, maybe: bool = False
    ) -> None:
        day = day_of(fields["started_at"]) if fields else None
        entry = Saved(token, kind, item, device, owner, tuple(fields.get("duties", ())), day)
        (self.ledger.maybe if maybe else self.ledger.saved)[token] = entry

    def after(self, device: str, crashed: bool) -> None:
        if crashed:
            self.phones(device, "open")

    # The line.

    @rule(device=devices, weather=faults, bundles=st.integers(0, 3), crash_at=crash)
    def a_phone_talks_with_the_server(
        self, device: str, weather: list[Fault], bundles: int, crash_at: int | None
    ) -> None:
        self.on(device)
        self.weather.expect(weather, bundles=bundles == 0)
        self.after(device, self.phones(device, "sync", crashAt=crash_at) == CRASHED)

    @rule(device=devices, weather=faults, locking=st.booleans(), first=crash, second=crash)
    def two_tabs_talk_at_once(
        self, device: str, weather: list[Fault], locking: bool, first: int | None, second: int | None
    ) -> None:
        self.on(device)
        self.weather.expect(weather)
        self.phones(device, "open", tab="2")
        self.phones(device, "set", values={"locking": locking})
        sync = {"device": device, "do": "sync"}
        done = self.phones.together(sync | {"crashAt": first}, sync | {"tab": "2", "crashAt": second})
        self.phones(device, "kill", tab="2")
        self.after(device, done[0] == CRASHED)

    @rule(device=devices, years=st.sampled_from([-10, -1, 0, 1, 10]))
    def a_clock_is_set(self, device: str, years: int) -> None:
        self.phones(device, "set", values={"clock": int(now().timestamp() * 1000) + years * YEARS})

    @rule(device=devices)
    def a_phone_is_switched_off_and_on(self, device: str) -> None:
        self.phones(self.on(device), "kill")
        self.phones(device, "open")

    # The house.

    @rule(pick=anything)
    def a_student_changes_class(self, pick: int) -> None:
        duty = self.house.duties[pick % len(self.house.duties)]
        student = Person.unscoped.get(pk=duty.person_id)
        here = student.enrollments.get(end=None).school_class
        to = next(one for one in self.house.school.classes if one != here)
        move_student(by=self.house.school.by, student=student, to=to, on=today())

    @rule()
    def the_campaign_closes(self) -> None:
        if Campaign.unscoped.get(pk=self.house.campaign.pk).state != Campaign.State.CLOSED:
            close_campaign(by=self.house.school.by, campaign=self.house.campaign)

    @rule()
    def a_backup_is_made(self) -> None:
        self.history.backup()

    @rule()
    def the_oldest_backup_expires(self) -> None:
        self.history.expire_oldest()

    @rule(pick=anything)
    def an_older_backup_comes_back(self, pick: int) -> None:
        if self.history.backups and self.history.restores < 3:
            self.history.restore(pick % len(self.history.backups))

    # At the end every line is whole, and everybody signs in once more wherever they were.

    def teardown(self) -> None:
        try:
            self.check()
        finally:
            self.history.end()

    def check(self) -> None:
        self.weather.expect([], bundles=False)
        seen: set[str] = set()
        wrote = {(one.device, one.person) for one in self.ledger.known().values()}
        for device, person in itertools.product(sorted(self.begun), self.house.teachers):
            if (device, person.pk) in wrote:
                seen |= self.settled(device, person)
        server = on_server()
        known = self.ledger.known()
        lost = [one for one in self.ledger.saved.values() if one.token not in server and one.token not in seen]
        lost = [one for one in lost if one.token not in self.ledger.merged | self.ledger.dismissed]
        assert not lost, f"lost: {lost}"
        doubled = {token: times for token, times in server.items() if times > 1}
        assert not doubled, f"doubled: {doubled}"
        strangers = {token for token in server if token in known} ^ set(server) - set(known)
        note(f"{len(known)} saved, {sum(server.values())} on the server, {strangers}")
        assert not coverage_faults(self.ledger, [duty.pk for duty in self.house.duties])

    def settled(self, device: str, person: Person) -> set[str]:
        """What this person still has on this phone after a talk with the server that nothing disturbs."""
        self.phones(device, "set", values={"locking": True})
        self.phones(device, "open")
        self.line.sign_in(device, person)
        for _round in range(3):
            self.phones(device, "sync")
            items = self.phones(device, "items")
            if self.phones(device, "facts")["account"] == "out":
                # Left without a line: the phone ends the session when there is one, and this person signs in again.
                self.line.sign_in(device, person)
            elif not any(item["state"] in ("waiting", "sending") for item in items):
                break
        owner = self.phones(device, "facts")["owner"]
        assert owner is not None
        assert owner["person"] == person.pk
        blocked = {item["id"] for item in items if item["state"] in ("conflict", "held", "refused_here")}
        for item in items:
            waits_for_its_visit = item["id"] in blocked or item["visit"] in blocked
            assert item["state"] not in ("waiting", "sending") or waits_for_its_visit, item
        return on_phone(items)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def world(house: House, line: Line, phones: Phones) -> type[District]:
    return type("DistrictHere", (District,), {"phones": phones, "line": line, "house": house})


def _run(world: type[District], runs: int, steps: int, *phases: Phase) -> None:
    run_state_machine_as_test(
        world,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, *phases],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_what_was_called_saved_is_never_lost_nor_doubled(world: type[District]) -> None:
    _run(world, 10, 15)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(4))
def test_what_was_called_saved_is_never_lost_nor_doubled_in_ten_thousand_lives(
    world: type[District], part: int
) -> None:
    """In parts, for as many processes."""
    _run(world, 2_500, 20, Phase.shrink)

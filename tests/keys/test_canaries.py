"""Texts that betray themselves, put into every sealed field through the house, and looked for wherever bytes end up."""

import contextlib
import logging
import re
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from jiafang import localdb
from jiafang.access import Actor
from jiafang.accounts.services.activate import hand_out_code
from jiafang.campaigns.services.confirm import Answer
from jiafang.care.models import CaseAction, CaseStep, Measure, Message, Progress, Referral
from jiafang.care.services.sealed_report import ReportDraft, add_to_report, file_report
from jiafang.common.clock import now, today
from jiafang.keys.masters import key_values
from jiafang.keys.models import DataKey
from jiafang.keys.sealing import sealed_fields, sealed_models
from jiafang.organization.models import CorrectionRequest, Person, Post, RosterImport, SeasonalResidence
from jiafang.organization.roster.schema import Kind
from jiafang.organization.services.correct import correct_household
from jiafang.visits.body import ConcernDraft, NoteDraft, ParticipantDraft
from jiafang.visits.models import Attachment, HeldItem, Receipt, Visit
from tests.database import ADDRESSES, _connect
from tests.factories import campaigns as made
from tests.factories import care
from tests.factories import organization as make
from tests.factories import visits as write
from tests.jobs import run_jobs
from tests.organization.roster.workbooks import id_number, ours, registry, small_school

pytestmark = pytest.mark.django_db(transaction=True)

# A name is stored plain: where it is not found, the search is blind.
PLAIN = "CANARY-PLAIN-NAME"
PHONE, OTHER_PHONE, NEW_PHONE = "13987650431", "13987650432", "13987650433"
CARD, REGISTRY, BAD_REGISTRY = id_number(serial=873), registry(serial=874), "G8750CANARY"
ADDRESS, NEW_ADDRESS = "CANARY-ADDRESS-IN-FILE", "CANARY-ADDRESS-CORRECTED"


class Planted(dict[str, str]):
    """What was written where; a text is made to be found again as bytes in any encoding of ours."""

    def text(self, where: str) -> str:
        return self.setdefault(where, f"CANARY-{where.upper()}-TEXT")


def roster_with_canaries() -> dict[Kind, list[dict[str, str]]]:
    tables = {kind: [dict(row) for row in rows] for kind, rows in small_school().items()}
    tables[Kind.STUDENTS][2] |= {"name": PLAIN, "id_number": CARD, "registry_number": REGISTRY, "address": ADDRESS}
    tables[Kind.GUARDIANS][2] |= {"registry_number": REGISTRY, "student_name": PLAIN, "phone": PHONE}
    return tables


def upload(browser: Client, tables: dict[Kind, list[dict[str, str]]]) -> RosterImport:
    source = ours(tables)
    files = SimpleUploadedFile(source.name, source.content)
    answer = browser.post(reverse("roster_upload"), {"kind": "update", "school_year": "2026", "files": files})
    assert answer.status_code == 302
    run_jobs()
    return RosterImport.unscoped.latest("pk")


def bring_in_rosters(planted: Planted) -> None:
    """One roster is committed, another stays a preview with a fault that quotes its cell."""
    office = Client()
    make.sign_in(office, make.bureau_post(Post.Kind.ADMINISTRATOR), "administrator")
    row = upload(office, roster_with_canaries())
    office.post(reverse("roster_confirm", args=[row.pk]))
    run_jobs()
    child = Person.unscoped.get(name=PLAIN)
    assert (child.id_number, child.registry_number) == (CARD, REGISTRY)
    assert child.guardianships.get().guardian.phone == PHONE
    tables = roster_with_canaries()
    tables[Kind.STUDENTS][1] |= {"registry_number": BAD_REGISTRY}
    tables[Kind.GUARDIANS][0] |= {"phone": OTHER_PHONE}
    waiting = upload(office, tables)
    assert BAD_REGISTRY in str(waiting.preview["faults"])
    planted |= {"card": CARD, "registry": REGISTRY, "address": ADDRESS, "phone": PHONE}
    planted |= {"cell": BAD_REGISTRY, "other phone": OTHER_PHONE}


def lay_in_cases(planted: Planted, child: Person, teacher: Actor) -> None:
    """A word in every sealed field of a case, a mark and a report."""
    make.bureau_post("director")
    case = care.student_case(teacher, child, text=planted.text("case"))
    case.result_words = planted.text("result")
    case.save()
    by = teacher.person_id
    CaseAction(case=case, kind="talk", on=today(), by_id=by, text=planted.text("action")).save()
    CaseStep(
        case=case, by_id=by, verb="act", to_state="acting", to_level="class", to_owner_id=by, note=planted.text("step")
    ).save()
    Message(case=case, author_id=by, side="school", audience=["school"], text=planted.text("message")).save()
    Referral(
        case=case, asked_by_id=by, to_person_id=by, to_role="counselor", reason=planted.text("reason"),
        answer=planted.text("answer to a referral"),
    ).save()  # fmt: skip
    Measure(case=case, who="student", on=today(), mood=planted.text("mood"), by_id=by).save()
    Progress(person=child, kind="mark", on=today(), label="期中", value=planted.text("mark"), by_id=by).save()
    draft = ReportDraft(
        about=planted.text("about"), seen=planted.text("seen"), noticed_at=now(), police_receipt=planted.text("receipt")
    )
    report = file_report(by=teacher, draft=draft)
    add_to_report(by=teacher, report_id=report.pk, text=planted.text("addition"), origin=uuid.uuid4())


def live_a_day(planted: Planted, logs: pytest.LogCaptureFixture) -> str:
    """A home is corrected, a family answers, a visit is recorded and revised, a record breaks; the page of that."""
    school = made.small_school(classes=1, students=1)
    child, teacher = school.students[0][0], make.actor_of(school.homeroom[0], "teacher")
    home = child.households.get().household
    correct_household(
        by=school.by, household=home, address=NEW_ADDRESS, village=None, lat=None, lon=None,
        preferred_times=planted.text("times"),
    )  # fmt: skip
    planted["new address"] = NEW_ADDRESS
    SeasonalResidence.unscoped.create(household=home, place=planted.text("summer"), from_month=7, to_month=8)
    office = Client()
    make.sign_in(office, make.bureau_post(Post.Kind.ADMINISTRATOR), "administrator")
    corrected = {"name": child.name, "sex": "", "birth_date": "", "phone": NEW_PHONE, "has_smartphone": "on"}
    assert office.post(reverse("person_edit", args=[child.pk]), corrected).status_code == 302
    planted["new phone"] = NEW_PHONE
    campaign = made.launched(school.by, school.school)
    duty = made.duty_of(campaign, child)
    write.record(
        teacher, [duty], finding=planted.text("finding"), guardian_opinion=planted.text("opinion"),
        participants=[ParticipantDraft(relation=planted.text("relation"), channel="phone")],
    )  # fmt: skip
    visit = Visit.unscoped.get()
    write.record(
        teacher,
        [duty],
        visit_id=visit.pk,
        base_revision=1,
        finding=planted.text("revised"),
        guardian_opinion=planted.text("again"),
        notes=[NoteDraft(child.pk, "mind", planted.text("note"))],
        concerns=[ConcernDraft(uuid.uuid4(), child.pk, "mind", "yellow", planted.text("concern"))],
    )
    visit.refresh_from_db()
    visit.answers = [{"set_id": 1, "version": 1, "values": {"q": planted.text("added question")}}]
    visit.save(update_fields=["answers"])
    send_from_a_phone(planted, visit)
    appointment = write.appointment(campaign, [child])
    appointment.answer, appointment.answer_note = Answer.values[0], planted.text("answer")
    appointment.save()
    CorrectionRequest.unscoped.create(
        student=child, asked_by=child, about="other", wrong=planted.text("wrong"), right=planted.text("right"),
        answer=planted.text("reply"),
    )  # fmt: skip
    lay_in_cases(planted, child, teacher)
    planted["activation"] = hand_out_code(user=make.user_of(child))
    browser = Client(raise_request_exception=False)
    make.sign_in(browser, school.homeroom[0], "teacher")
    assert planted["revised"] in browser.get(reverse("visit", args=[visit.pk])).content.decode()
    return break_a_record(browser, visit, planted, logs)


def send_from_a_phone(planted: Planted, visit: Visit) -> None:
    """A photo of the record, and a body that could not be taken."""
    Attachment.unscoped.create(
        visit=visit, kind="photo", content=planted.text("photo").encode(), content_type="image/jpeg", size=1,
        added_by=visit.recorded_by,
    )  # fmt: skip
    receipt = Receipt.unscoped.create(
        sequence=1, kind="visit", item=uuid.uuid4(), hash="h", person=visit.recorded_by, epoch=uuid.uuid4(), held=True
    )
    HeldItem.unscoped.create(
        receipt=receipt, kind="visit", item=receipt.item, person=visit.recorded_by, capacity="teacher",
        reason="refused", message=planted.text("refusal"), content=planted.text("held").encode(),
    )  # fmt: skip


def break_a_record(browser: Client, visit: Visit, planted: Planted, logs: pytest.LogCaptureFixture) -> str:
    """A ciphertext is altered in the database, so that the pages of its record fail while texts are in their hands."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE visits_participant SET relation = set_byte(relation, 30, 255 - get_byte(relation, 30))")
    with logs.at_level(logging.DEBUG):
        seen = browser.get(reverse("visit", args=[visit.pk]))
        data = {"finding": planted.text("posted"), "visit_id": str(visit.pk), "base_revision": "2"}
        sent = browser.post(reverse("visit_edit", args=[visit.pk]), data)
    assert (seen.status_code, sent.status_code) == (500, 500)
    return seen.content.decode() + sent.content.decode()


def rows_of_every_table() -> Iterator[tuple[str, bytes]]:
    """What a dump would hold: COPY of every table, as the owner."""
    with _connect(connection.settings_dict["NAME"]) as owner, owner.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        for (table,) in cursor.fetchall():
            with cursor.copy(f'COPY (SELECT * FROM "{table}") TO STDOUT') as copy:
                yield table, b"".join(bytes(block) for block in copy)


def found_in(content: bytes, canaries: dict[str, str]) -> set[str]:
    wanted = {text.encode(): where for where, text in canaries.items()}
    pattern = re.compile(b"|".join(map(re.escape, wanted)))
    return {wanted[match] for match in pattern.findall(content)}


@pytest.fixture
def everything(tmp_path, monkeypatch, caplog, capfd, settings):
    """A day of the house with canaries in it; what it left in tables, page, log and temporary files."""
    assert not settings.DEBUG
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn(), (SELECT oid FROM pg_database WHERE datname = current_database())")
        began, oid = cursor.fetchone()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    planted = Planted()
    bring_in_rosters(planted)
    page = live_a_day(planted, caplog)
    return {
        "planted": planted, "page": page, "began": began, "oid": oid, "temporary": temporary,
        "log": caplog.text + "".join(capfd.readouterr()),
    }  # fmt: skip


def wal_since(began: str) -> list[Path]:
    """The segments of the write-ahead log from a place on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_walfile_name(%s), pg_walfile_name(pg_current_wal_lsn())", [began])
        first, last = cursor.fetchone()
    folder = data_folder() / "pg_wal"
    return [path for path in sorted(folder.iterdir()) if path.is_file() and first <= path.name <= last]


def data_folder() -> Path:
    [version] = localdb.state_folder().glob("data-*/PG_VERSION")
    return version.parent


def columns_with_anything_but_ciphertexts() -> Iterator[str]:
    """Sealed columns that hold something else, or that nobody filled: a canary is missing there."""
    for model in sealed_models():
        for field in sealed_fields(model):
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT count(*), count(*) FILTER (WHERE get_byte("{field.column}", 0) <> 2) '
                    f'FROM "{model._meta.db_table}" WHERE octet_length("{field.column}") > 0'
                )
                filled, other = cursor.fetchone()
            if other or not filled:
                yield f"{model.__name__}.{field.name}: {filled} filled, {other} of them with something else"


def test_no_sealed_text_is_found_in_a_dump_the_log_of_the_database_logs_temporary_files_or_error_pages(
    everything,
) -> None:
    canaries, plain = everything["planted"], {"plain name": PLAIN}
    sealed = {f"{model.__name__}.{field.name}" for model in sealed_models() for field in sealed_fields(model)}
    assert len(canaries) >= len(sealed)
    assert list(columns_with_anything_but_ciphertexts()) == []
    tables = dict(rows_of_every_table())
    assert "procrastinate_jobs" in tables
    assert found_in(tables["organization_person"], plain) == {"plain name"}
    assert {table: found for table, rows in tables.items() if (found := found_in(rows, canaries))} == {}
    for text in (everything["page"], everything["log"]):
        assert found_in(text.encode(), canaries) == set()
    assert "SealBroken" in everything["log"]
    for path in everything["temporary"].rglob("*"):
        assert not path.is_file() or found_in(path.read_bytes(), canaries) == set(), path
    keys = {name: value for name, value in key_values().items() if value}
    assert {table: found for table, rows in tables.items() if (found := found_in(rows, keys))} == {}
    assert DataKey.objects.count() > 5


@pytest.mark.skipif(localdb.addresses() != ADDRESSES or not localdb.state_folder().exists(), reason="not our server")
def test_no_sealed_text_is_found_in_the_files_of_the_database(everything) -> None:
    canaries, plain = everything["planted"], {"plain name": PLAIN}
    wal = b"".join(path.read_bytes() for path in wal_since(everything["began"]))
    assert found_in(wal, plain) == {"plain name"}
    assert found_in(wal, canaries) == set()
    looked_at = 0
    for path in [*(data_folder() / "base" / str(everything["oid"])).iterdir(), *localdb.state_folder().glob("log/*")]:
        # Its list of relations (pg_internal.init) is written anew, under another name first, whenever tables change.
        with contextlib.suppress(FileNotFoundError):
            assert found_in(path.read_bytes(), canaries) == set(), path
            looked_at += 1
    assert looked_at > 100

"""Files of many people: asked for again, marked, remembered, and without formulas."""

import ast
import io
import re
import unicodedata

import openpyxl
import pypdf
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jiafang.accounts.models import AuditEntry
from jiafang.campaigns.models import Appointment
from jiafang.common.cells import as_written, inert
from jiafang.config.addresses import addresses
from tests.architecture.source import modules
from tests.factories import campaigns as running
from tests.factories import organization as make

STARTS = "=+-@\t\r＝＋－＠"
BULK = {"timetable_excel", "timetable_pdf", "roster_marked"}


@pytest.fixture
def planned(transactional_db, client):
    school = running.small_school(classes=1, students=2)
    campaign = running.launched(school.by, school.school)
    running.planned(school.by, campaign)
    make.sign_in(client, school.principal)
    return school, campaign


def file_of(client, campaign, form):
    return client.get(reverse(f"timetable_{form}", args=[campaign.pk]) + "?cohort=all&week=all")


# Asked again


@pytest.mark.parametrize("form", ["excel", "pdf"])
def test_a_file_of_many_asks_for_the_password_and_comes_by_itself_afterwards(client, planned, form):
    _school, campaign = planned
    asked = file_of(client, campaign, form)
    assert asked.status_code == 302
    assert asked["Location"].startswith(reverse("account_confirm"))
    assert not AuditEntry.objects.filter(action="export.timetable").exists()
    wrong = client.post(asked["Location"], {"password": "not-the-password"})
    assert wrong.status_code != 302
    assert file_of(client, campaign, form).status_code == 302
    back = client.post(asked["Location"], {"password": "jiafang-demo-8"})
    assert back.status_code == 302
    page = client.get(back["Location"]).content.decode()
    address = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)[1].replace("&amp;", "&")
    assert client.get(address)["Content-Disposition"].startswith("attachment;")


def test_the_page_fetches_nothing_by_itself_without_the_password(client, planned):
    _school, campaign = planned
    page = client.get(reverse("timetable", args=[campaign.pk]) + "?download=excel").content.decode()
    assert 'http-equiv="refresh"' not in page


def test_every_file_of_many_stands_behind_the_password():
    assert {one.name for one in addresses() if getattr(one.view, "bulk_export", "")} == BULK


# Marked and remembered


def test_the_excel_file_names_the_one_who_took_it(client, planned):
    school, campaign = planned
    make.confirm(client)
    page = openpyxl.load_workbook(io.BytesIO(file_of(client, campaign, "excel").content)).worksheets[0]
    assert school.principal.name in page.oddHeader.right.text
    last = page.cell(page.max_row, 1).value
    assert school.principal.name in last
    assert school.school.name in last
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", last)


def test_every_page_of_the_pdf_names_the_one_who_took_it(client, planned):
    school, campaign = planned
    make.confirm(client)
    for page in pypdf.PdfReader(io.BytesIO(file_of(client, campaign, "pdf").content)).pages:
        said = page.extract_text()
        assert said.count(school.principal.name) > 5  # behind the text, and in the footer
        assert school.school.name in said


def test_who_took_how_many_lines_is_remembered(client, planned):
    school, campaign = planned
    make.confirm(client)
    file_of(client, campaign, "excel")
    entry = AuditEntry.objects.get(action="export.timetable")
    assert entry.person_id == school.principal.pk
    assert entry.object_id == str(campaign.pk)
    assert entry.details == {"form": "excel", "rows": Appointment.unscoped.filter(campaign=campaign).count()}


# Formulas


@given(st.text(max_size=20))
def test_no_text_of_a_person_begins_like_a_formula(text):
    made = inert(text)
    assert made[:1] not in STARTS or not made
    assert unicodedata.normalize("NFKC", made)[:1] not in set("=+-@\t\r")
    assert made.endswith(text)
    if not text.startswith("'"):
        assert as_written(made) == text


@given(
    st.sampled_from(STARTS), st.text(max_size=10), st.sampled_from(["", " ", "\u200b", "\ufeff", "\n", '"', "\u3000"])
)
def test_what_begins_like_a_formula_is_made_text(sign, rest, before):
    assert inert(before + sign + rest) == "'" + before + sign + rest


@pytest.mark.parametrize("sign", [*"=+-@＝＋－＠"])
def test_a_name_typed_as_a_formula_is_text_in_the_file(client, planned, sign):
    school, campaign = planned
    child = school.students[0][0]
    child.name = f"{sign}HYPERLINK(1)"
    child.save()
    make.confirm(client)
    book = openpyxl.load_workbook(io.BytesIO(file_of(client, campaign, "excel").content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    assert f"'{sign}HYPERLINK(1)" in {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]


# Nothing leaves by another way

# One family's own file, one case, a photo, an empty form, a notice: files that are not of many people.
OF_FEW = {"attachment", "campaign_basis", "case_plan_pdf", "family_file", "question_example", "roster_template"}


def test_every_file_leaves_through_the_one_way():
    writers, senders = [], set()
    for module in modules():
        if "Content-Disposition" in module.text or "FileResponse" in module.text:
            writers.append(module.name)
        for function in (node for node in module.tree.body if isinstance(node, ast.FunctionDef)):
            calls = {getattr(node.func, "id", "") for node in ast.walk(function) if isinstance(node, ast.Call)}
            if "download" in calls:
                senders.add(function.name)
    assert writers == ["web/downloads.py"]
    assert senders == BULK | OF_FEW

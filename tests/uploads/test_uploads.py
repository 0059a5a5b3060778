"""What comes in from outside: 500 hostile files through the pages, and honest ones that must pass."""

import io
import random
from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from jiafang.campaigns.models import Campaign
from jiafang.common.errors import InputFault
from jiafang.common.uploads import take_document, take_photo, true_name
from jiafang.web.exports.pdf import pdf as timetable_pdf
from jiafang.web.exports.watermark import Watermark
from jiafang.web.timetable.sheet import Column, Sheet
from tests.factories import campaigns as running
from tests.factories import organization as make
from tests.uploads.files import image, pdf, stream, word
from tests.uploads.hostile import CANARY, MAKERS, NAMES, hostile

EVERY_DAY = len(MAKERS)
SERVED = {
    "application/pdf",
    "image/jpeg",
    "image/png",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
TRUE_ENDINGS = (".pdf", ".jpg", ".png", ".docx")


@dataclass
class Doors:
    """A draft campaign of one school, its principal, and the principal of another one."""

    campaign: Campaign
    owner: Client
    stranger: Client
    nobody: Client

    def upload(self, name: str, content: bytes, declared: str):
        file = SimpleUploadedFile("x", content, content_type=declared)
        file._name = name  # as a hostile client sends it, before Django has looked at it
        row = self.campaign
        told = {"title": row.title, "start": row.start.isoformat(), "end": row.end.isoformat(), "basis_file": file}
        return self.owner.post(reverse("campaign_edit", args=[row.pk]), told)

    def forget(self):
        Campaign.unscoped.filter(pk=self.campaign.pk).update(basis_file=None, basis_file_name="")


@pytest.fixture
def doors(transactional_db):
    own, other = running.small_school(), running.small_school()
    campaign = running.campaign(own.by, own.school)
    owner, stranger = Client(), Client()
    make.sign_in(owner, own.principal)
    make.sign_in(stranger, other.principal)
    return Doors(campaign, owner, stranger, Client())


def check(doors: Doors, number: int) -> bool:
    """Send one hostile file and look at whatever can be fetched of it; True if it was taken."""
    case = hostile(number)
    about = f"{number} {case.what} {case.name[:40]!r}"
    answer = doors.upload(case.name, case.content, case.declared)
    assert answer.status_code in (302, 400, 422), f"{about}: {answer.status_code}"
    address = reverse("campaign_basis", args=[doors.campaign.pk])
    served = doors.owner.get(address)
    taken = answer.status_code == 302 and served.status_code == 200
    assert taken or served.status_code == 404, about
    assert case.taken or not taken, f"{about}: was taken"
    assert CANARY not in answer.content
    if taken:
        assert served["Content-Disposition"].startswith("attachment; filename*=UTF-8''"), about
        assert "\n" not in served["Content-Disposition"]
        assert served["Content-Disposition"].lower().endswith(TRUE_ENDINGS), about
        assert served["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in served["Content-Security-Policy"]
        assert served["Content-Type"] in SERVED, about
        assert CANARY not in served.content, about
        assert no_position(served.content), about
        assert doors.stranger.get(address).status_code == 404
        assert "location" not in doors.stranger.get(address)
        assert doors.nobody.get(address).status_code == 302
    doors.forget()
    return taken


def no_position(content: bytes) -> bool:
    if content[:4] == b"%PDF" or content[:2] == b"PK":
        return True
    with Image.open(io.BytesIO(content)) as picture:
        return not picture.getexif() and not picture.info.keys() & {"exif", "xmp", "comment", "photoshop", "Comment"}


def test_hostile_uploads_are_refused_or_made_harmless(doors):
    """One of each kind; the names turn with the kinds."""
    taken = [check(doors, number) for number in range(EVERY_DAY)]
    assert 5 <= sum(taken) < EVERY_DAY / 2  # pictures are taken without what hung on them; the rest is not


@pytest.mark.nightly
def test_five_hundred_hostile_uploads(doors):
    names = set()
    for number in range(500):
        check(doors, number)
        names.add((hostile(number).what, hostile(number).name))
    assert len(names) > 400  # nearly every kind under many names


def test_the_roster_page_takes_no_hostile_file_for_a_table(transactional_db, client):
    make.sign_in(client, make.bureau_post("administrator"))
    for number in range(0, EVERY_DAY, 4):
        case = hostile(number)
        upload = SimpleUploadedFile("roster.xlsx", case.content, content_type=case.declared)
        answer = client.post(reverse("roster_upload"), {"kind": "update", "school_year": "2026", "files": upload})
        assert answer.status_code in (200, 302, 422), case.what
        assert CANARY not in answer.content, case.what


# Honest files


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (image("JPEG"), ".jpg"),
        (image("PNG"), ".png"),
        (pdf(), ".pdf"),
        (pdf(catalog=b"/OpenAction [3 0 R /XYZ null null 0]"), ".pdf"),
        (pdf(stream(6, b"5 0 << /Type /Font >>", b"/Type /ObjStm /N 1 /First 4")), ".pdf"),
        (word(), ".docx"),
        (word({"word/media/image1.png": image("PNG")}), ".docx"),
    ],
)
def test_an_honest_document_is_taken(content, suffix):
    taken = take_document(content)
    assert taken.suffix == suffix
    if suffix in (".pdf", ".docx"):
        assert taken.content == content


def test_a_document_of_our_own_making_is_taken():
    sheet = Sheet("一", "安排表", "", [Column("日期", 12)], [("10月9日",)] * 80, "")
    mark = Watermark("林晓岚", "校长", timezone.localtime())
    assert take_document(timetable_pdf([sheet], mark)).suffix == ".pdf"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_photo_becomes_an_upright_jpeg_of_moderate_size(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = take_photo(image(kind, (4000, 3000), exif=exif))
    assert (photo.content_type, photo.suffix) == ("image/jpeg", ".jpg")
    assert (photo.width, photo.height) == ((2048, 1536) if orientation == 1 else (1536, 2048))
    with Image.open(io.BytesIO(photo.content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (photo.width, photo.height))
    assert no_position(photo.content)


@pytest.mark.parametrize("what", [name for name in MAKERS if name.startswith(("jpeg", "png_with", "webp"))])
def test_a_photo_keeps_no_position(what):
    content, _taken = MAKERS[what](random.Random(what))
    assert CANARY in content or b"zTXt" in content or b"iTXt" in content
    photo = take_photo(content)
    assert CANARY not in photo.content
    assert no_position(photo.content)


def test_what_is_transparent_becomes_white_paper():
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(take_photo(out.getvalue()).content)) as picture:
        assert min(picture.getpixel((25, 25))) > 250


@pytest.mark.parametrize("what", ["huge_png", "huge_jpeg", "long_png", "svg_with_script", "gif_with_page", "heic_like"])
def test_a_photo_that_is_none_is_refused_in_words(what):
    with pytest.raises(InputFault):
        take_photo(MAKERS[what](random.Random(1))[0])


def test_a_large_picture_is_refused_before_it_is_decoded(monkeypatch):
    def decoded(*_args, **_more):
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    with pytest.raises(InputFault, match="像素太多"):
        take_photo(MAKERS["huge_jpeg"](None)[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_has_one_ending_and_no_path(name):
    made = true_name(name, ".pdf")
    assert made.endswith(".pdf")
    assert made.count(".") == 1
    assert len(made) <= 110
    assert made.isprintable()
    assert not set(made) & set('/\\:"<>;\r\n\0')

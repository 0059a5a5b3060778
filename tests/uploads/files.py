"""Honest files, as a school has them."""

import io
import zipfile
import zlib

from PIL import Image

PAPER = (240, 320)


def image(kind: str = "JPEG", size: tuple[int, int] = PAPER, **options) -> bytes:
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    picture.save(out, format=kind, **options)
    return out.getvalue()


def pdf(*objects: bytes, catalog: bytes = b"", tail: bytes = b"") -> bytes:
    """A document of one empty page; further objects and entries of the catalog as given."""
    parts = [
        b"%PDF-1.7\n",
        b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>\nendobj\n",
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n",
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>\nendobj\n",
        stream(4, b"BT /F1 12 Tf (notice) Tj ET"),
        *objects,
        b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n",
    ]
    return b"".join(parts) + tail


def stream(number: int, inside: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(inside)
    dictionary = b"<< /Length %d /Filter /FlateDecode %s >>" % (len(packed), entries)
    return b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (number, dictionary, packed)


def word(extra: dict[str, bytes] | None = None, types: bytes = b"", comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types>" + types + b"</Types>")
        archive.writestr("word/document.xml", b"<w:document>" + b"<w:p/>" * 40 + b"</w:document>")
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
        archive.comment = comment
    return out.getvalue()

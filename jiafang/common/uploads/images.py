"""Images: the number of pixels is looked at before anything is decoded, then they are decoded and written anew."""

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from jiafang.common.errors import InputFault

JPEG = "JPEG"
PNG = "PNG"
WEBP = "WEBP"
CONTENT_TYPES = {JPEG: ("image/jpeg", ".jpg"), PNG: ("image/png", ".png")}
MOST_PIXELS = 60_000_000
LONGEST_SIDE = 16_000
QUALITY = 85
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def image_kind(content: bytes) -> str | None:
    """JPEG, PNG or WEBP by the first bytes."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    return None


def is_heic(content: bytes) -> bool:
    """What telephones make when they are not asked for JPEG."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS


def written_anew(content: bytes, *, kind: str, into: str, longest_side: int) -> tuple[bytes, int, int]:
    """The picture alone, turned upright, as a new file: no position, no comment, no profile, nothing behind the end."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limits here are our own and come first.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[kind]) as opened:
                _check_pixels(opened.width, opened.height)
                # A JPEG can be decoded at a fraction of its size, which spares most of the memory.
                opened.draft("RGB", (longest_side, longest_side))
                upright = ImageOps.exif_transpose(opened)
                picture = _plain(upright, into)
    except InputFault:
        raise
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except Exception as error:  # a decoder fed with anything raises anything
        raise InputFault(_("这张图片打不开,可能已损坏,请换一张")) from error
    picture.thumbnail((longest_side, longest_side))
    out = io.BytesIO()
    options = {"quality": QUALITY, "optimize": True} if into == JPEG else {"optimize": False}
    picture.save(out, format=into, **options)
    return out.getvalue(), picture.width, picture.height


def _plain(picture: Image.Image, into: str) -> Image.Image:
    """The pixels in a new image, so that nothing that hung on the old one is written with them."""
    if into == JPEG and ("A" in picture.getbands() or "transparency" in picture.info):
        # What is transparent becomes white paper, not black.
        layered = picture.convert("RGBA")
        plain = Image.new("RGB", picture.size, "white")
        plain.paste(layered, mask=layered.getchannel("A"))
        return plain
    wanted = "RGB"
    if into == PNG:
        wanted = "RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB"
        wanted = "L" if picture.mode in ("1", "L") and "transparency" not in picture.info else wanted
    plain = Image.new(wanted, picture.size)
    plain.paste(picture.convert(wanted))
    return plain


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise _too_many_pixels()


def _too_many_pixels() -> InputFault:
    return InputFault(_("图片太大(像素太多),请缩小后再上传"))

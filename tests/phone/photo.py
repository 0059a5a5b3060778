"""The smallest photo that the server takes for one."""

import io

from PIL import Image


def _made() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "JPEG")
    return out.getvalue()


PHOTO = _made()

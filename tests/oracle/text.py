"""The words of an answer, whatever kind of file it is."""

import io
import re
import zipfile
from typing import Any

import pypdf

# Tokens against forged forms differ at each request; the way back after a change of language names the page.
ONCE = re.compile(r"csrfmiddlewaretoken\" value=\"\w+|csrf-token\" content=\"\w+|name=\"next\" value=\"[^\"]*")


def text_of(response: Any) -> str:
    """Everything an answer says; tokens that differ at each request are left out."""
    content: bytes = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return "\n".join(parts.read(name).decode("utf-8", "ignore") for name in parts.namelist())
    if content[:5] == b"%PDF-" and len(content) > 1000:
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        return "\n".join(page.extract_text() for page in pages)
    text = content.decode("utf-8", "replace")
    if response.headers.get("Content-Type", "").startswith("text/calendar"):
        text = text.replace("\r\n ", "")
    return ONCE.sub("", text)

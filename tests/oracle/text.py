"""The words of an answer, whatever kind of file it is."""

import io
import re
import zipfile

import pypdf

# Tokens against forged forms differ at each request; the way back after a change of language names the page.
ONCE = re.compile(rb"csrfmiddlewaretoken\" value=\"\w+|csrf-token\" content=\"\w+|name=\"next\" value=\"[^\"]*")


def words_of(content: bytes, content_type: str = "") -> bytes:
    """Everything an answer says, as bytes in which tokens can be found."""
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return b"\n".join(parts.read(name) for name in parts.namelist())
    if content[:5] == b"%PDF-" and len(content) > 1000:
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        return "\n".join(page.extract_text() for page in pages).encode()
    if content_type.startswith("text/calendar"):
        return content.replace(b"\r\n ", b"")
    return content


def comparable(words: bytes) -> bytes:
    """The same without what differs at each request."""
    return ONCE.sub(b"", words)

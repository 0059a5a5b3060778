"""The one way in which a file leaves the house: as a download, never opened as a page of ours."""

from django.http import HttpResponse
from django.utils.encoding import escape_uri_path

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
_NOTHING_RUNS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


def download(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """An attachment that no browser shows inline; the caller has fetched it through `scope` in this very request."""
    response = HttpResponse(content, content_type=content_type)
    shown = "".join(c for c in name if c.isprintable() and c not in '/\\"')
    response.headers["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''{escape_uri_path(shown).replace(';', '%3B')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _NOTHING_RUNS
    response.headers["Cache-Control"] = "private, no-store"
    return response

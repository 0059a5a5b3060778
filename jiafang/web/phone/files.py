"""What the service worker keeps on a phone: the shell and the files it names, under one version for all of them."""

import hashlib
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static

SCRIPT, STYLES = "build/phone.js", ("build/app.css", "build/phone.css")
ICONS = (
    ("favicon.svg", "any", "image/svg+xml", "any"),
    ("phone/icon-192.png", "192x192", "image/png", "any"),
    ("phone/icon-512.png", "512x512", "image/png", "any"),
    ("phone/icon-maskable-512.png", "512x512", "image/png", "maskable"),
)
TOUCH_ICON = "phone/icon-apple-180.png"
KEPT = (SCRIPT, *STYLES, "build/icons.svg", "favicon.svg", "phone/icon-192.png", TOUCH_ICON)
WORKER = "build/sw.js"


def addresses() -> list[str]:
    return [static(name) for name in KEPT]


def version(shell: bytes) -> str:
    """Another one as soon as the shell or one byte of a file is another."""
    digest = hashlib.sha256(shell)
    for name in (*KEPT, WORKER):
        address = static(name)
        digest.update(address.encode())
        if address.endswith(name):  # not named after its content
            digest.update(_content(name))
    return digest.hexdigest()[:16]


def _content(name: str) -> bytes:
    found = finders.find(name)
    if found is not None:
        return Path(found).read_bytes()
    with staticfiles_storage.open(name) as file:
        content: bytes = file.read()
        return content

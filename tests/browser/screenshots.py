"""`make screenshots`: a picture of every main page of the demonstration, per role, in both sizes and languages."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import django
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Page, sync_playwright

from jiafang import localdb
from scripts.chromium import find_chromium

FOLDER = localdb.CHECKOUT / "screenshots"
SIZES = {"phone": (390, 844), "desk": (1440, 900)}
LANGUAGES = ("zh-hans", "en")
SIGN_IN, SECOND_FACTOR = "/accounts/login/", "/accounts/second/"
# How many links away from the first page a main page may be.
DEPTH = 3
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
ENDS_THE_SESSION = {"account_logout", "switch_capacity", "switch_language"}


def main() -> int:
    chromium = find_chromium()
    if not chromium:
        print("There is no Chromium to take pictures with.", file=sys.stderr)
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiafang.config.settings")
    django.setup()
    # A signal must end the demonstration too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(130))
    shutil.rmtree(FOLDER, ignore_errors=True)
    with _demonstration() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for language in LANGUAGES:
            for size in SIZES:
                with _browsing(browser, base, None, language, size) as page:
                    page.goto(SIGN_IN)
                    _shoot(page, f"{language}-{size}/sign-in")
        for login in _logins():
            session = _sign_in(browser, base, login)
            paths = _main_pages(browser, base, session)
            print(f"· {login['key']}: {len(paths)} pages", flush=True)
            for language in LANGUAGES:
                for size in SIZES:
                    _take(browser, base, session, login["key"], paths, language, size)
        browser.close()
    print(f"· {sum(1 for _ in FOLDER.rglob('*.png'))} pictures in {FOLDER.name}/")
    return 0


@contextlib.contextmanager
def _demonstration() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "jiafang", "demo"],
        env=os.environ | {"PORT": str(port)},
        cwd=localdb.CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            if "Ctrl-C" in line:
                break
        else:
            raise SystemExit("The demonstration did not start.")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _logins() -> list[dict[str, str]]:
    answer = subprocess.run(
        [sys.executable, "-m", "jiafang", "demo-logins", "--json"],
        cwd=localdb.CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout)


def _sign_in(browser: Browser, base: str, login: dict[str, str]) -> Any:
    """Sign in once; the session serves every picture, for a code of the second factor opens only once."""
    context = browser.new_context(base_url=base)
    page = context.new_page()
    page.goto(SIGN_IN)
    page.fill("input[name=login]", login["user"])
    page.fill("input[name=password]", login["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: not url.endswith(SIGN_IN))
    if urlsplit(page.url).path == SECOND_FACTOR:
        page.locator("form:has(input[name=code]) button[type=submit]").click()
        page.wait_for_url(lambda url: not url.endswith(SECOND_FACTOR))
    session = context.storage_state()
    context.close()
    return session


@contextlib.contextmanager
def _browsing(browser: Browser, base: str, session: Any, language: str, size: str) -> Iterator[Page]:
    width, height = SIZES[size]
    options: dict[str, Any] = {"is_mobile": size == "phone", "has_touch": size == "phone"}
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=base, storage_state=session, **options
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": base}])
    yield context.new_page()
    context.close()


def _main_pages(browser: Browser, base: str, session: Any) -> dict[str, str]:
    """One path for each address pattern that this role reaches by links, nearest first."""
    found: dict[str, str] = {}
    with _browsing(browser, base, session, LANGUAGES[0], "desk") as page:
        page.goto("/")
        level = [urlsplit(page.url).path]
        for _ in range(DEPTH):
            following = []
            for path in level:
                name = _pattern_of(path)
                if not name or name in found or not _is_page(page, path):
                    continue
                found[name] = path
                following += page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
            level = [urlsplit(url).path for url in following if url.startswith(urljoin(base, "/"))]
    return found


def _pattern_of(path: str) -> str:
    try:
        name = resolve(path).url_name or ""
    except Resolver404:
        return ""
    return "" if name in ENDS_THE_SESSION else name


def _is_page(page: Page, path: str) -> bool:
    answer = page.request.get(path)
    if answer.status >= 400 or not answer.headers.get("content-type", "").startswith("text/html"):
        return False
    page.goto(path)
    return True


def _take(
    browser: Browser, base: str, session: Any, role: str, paths: dict[str, str], language: str, size: str
) -> None:
    with _browsing(browser, base, session, language, size) as page:
        for name, path in paths.items():
            page.goto(path)
            _shoot(page, f"{language}-{size}/{role}-{name}")


def _shoot(page: Page, name: str) -> None:
    """Take the page from top to bottom, four screens of it at most."""
    path = FOLDER / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    assert page.viewport_size
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(whole, 4 * height)})


if __name__ == "__main__":
    sys.exit(main())

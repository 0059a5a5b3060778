"""A Chromium that signs in as anybody, on a phone or at a desk, and notices every complaint of the console."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from jiafang import localdb
from jiafang.organization.models import Person
from scripts.chromium import find_chromium
from tests.factories import organization as made

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
SIZES = {"phone": (390, 844), "desk": (1440, 900)}
AXE = localdb.CHECKOUT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright's own event loop makes Django believe that the tests are asynchronous;
    # it ends with the module, for tests of other modules run loops of their own.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[OpenPage]:
    """`open_page(person, "/look/", size="phone")`: a page as this person sees it; `confirmed`: the password just given.

    A complaint of the console, such as a breach of the content policy, fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        refusal = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in ("error", "warning") and not refusal:
            complaints.append(message.text)

    def opened(
        person: Person | None, path: str, *, kind: str | None = None, size: str = "desk", confirmed: bool = False
    ) -> Page:
        width, height = SIZES[size]
        phone = size == "phone"
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            has_touch=phone,
            is_mobile=phone,
            locale="zh-CN",
        )
        contexts.append(context)
        if person is not None:
            client = Client()
            made.sign_in(client, person, kind)
            if confirmed:
                made.confirm(client)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def axe_faults() -> Callable[[Page], list[str]]:
    """What axe finds on a page, one line for each rule."""
    source = Path(AXE).read_text("utf-8")

    def faults(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [f"{fault['id']}: {fault['nodes'][0]['target']} ({len(fault['nodes'])})" for fault in found]

    return faults

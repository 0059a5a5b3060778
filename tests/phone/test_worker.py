"""The service worker in a real browser: the app opens without a line, and nothing about a person is in its caches."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from jiafang.web.phone import files
from tests.browser.conftest import chromium
from tests.factories import campaigns as plan
from tests.factories import organization as make

__all__ = ["chromium"]

CACHED = """async () => {
    const found = {};
    for (const name of await caches.keys())
        found[name] = (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname);
    return found;
}"""
CONTROLLED = "() => navigator.serviceWorker.controller !== null"


def cached(page: Page) -> dict[str, list[str]]:
    found: dict[str, list[str]] = page.evaluate(CACHED)
    return found


@pytest.fixture
def page(transactional_db: None, chromium: Browser, live_server: Any) -> Iterator[Page]:
    """The app on the phone of a teacher, kept by its service worker; the console may complain of a missing line."""
    school = plan.small_school()
    plan.launched(school.by, school.school)
    client = Client()
    make.sign_in(client, school.homeroom[0])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(reverse("phone"))
    page.wait_for_function(CONTROLLED)
    yield page
    context.close()


@pytest.mark.browser
def test_the_app_opens_without_a_line_and_its_caches_hold_nobody(page: Page) -> None:
    [kept] = cached(page).values()
    assert set(kept) == {reverse("phone"), *files.addresses()}
    page.context.set_offline(True)
    page.goto(reverse("phone"))
    page.wait_for_function("() => performance.getEntriesByName('first-screen').length > 0")
    page.goto(reverse("home"))
    assert page.url.split("#")[0].endswith(reverse("phone"))
    assert cached(page) == dict.fromkeys(cached(page), kept)


@pytest.mark.browser
def test_a_new_version_comes_whole_and_the_one_before_stays_until_the_next(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = list(cached(page))
    for version in ("second", "third"):
        monkeypatch.setattr(files, "version", lambda shell, version=version: version)
        page.evaluate(
            """async (name) => {
                const registration = await navigator.serviceWorker.getRegistration("/");
                await registration.update();
                const worker = registration.installing ?? registration.waiting;
                await new Promise((resolve) => {
                    worker.onstatechange = () => {
                        if (worker.state === "installed") worker.postMessage("activate");
                        if (worker.state === "activated") resolve();
                    };
                    if (worker.state === "installed") worker.postMessage("activate");
                });
            }""",
            version,
        )
        versions.append(f"jiafang-app-{version}")
        page.wait_for_function("async (count) => (await caches.keys()).length <= 2")
        assert list(cached(page)) == versions[-2:]
    page.context.set_offline(True)
    page.goto(reverse("phone"))
    page.wait_for_selector("#phone *")


@pytest.mark.browser
def test_a_version_that_does_not_fit_together_is_not_kept(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the shell comes from one release and the list of its files from the one before."""
    before = cached(page)
    monkeypatch.setattr(files, "version", lambda shell: "torn")
    monkeypatch.setattr(files, "addresses", lambda: ["/static/favicon.svg"])
    page.evaluate("async () => { await (await navigator.serviceWorker.getRegistration('/')).update(); }")
    page.wait_for_function(
        "async () => { const it = await navigator.serviceWorker.getRegistration('/'); return !it.installing; }"
    )
    assert cached(page) == before
    page.context.set_offline(True)
    page.goto(reverse("phone"))
    page.wait_for_selector("#phone *")


@pytest.mark.django_db
def test_the_shell_is_the_same_for_everybody() -> None:
    nobody, somebody = Client(), Client()
    make.sign_in(somebody, plan.small_school().homeroom[0])
    address = reverse("phone")
    assert nobody.get(address).content == somebody.get(address).content
    assert nobody.get(reverse("phone_worker")).content == somebody.get(reverse("phone_worker")).content


def test_the_manifest_names_icons_that_are_there(client: Client) -> None:
    manifest = client.get(reverse("phone_manifest"))
    assert manifest["Content-Type"] == "application/manifest+json"
    told = json.loads(manifest.content)
    assert (told["start_url"], told["scope"], told["display"]) == (reverse("phone"), "/", "standalone")
    for icon in told["icons"]:
        found = finders.find(icon["src"].removeprefix("/static/"))
        assert found is not None
        assert Path(found).stat().st_size > 500


def test_the_version_changes_with_any_byte_of_the_shell() -> None:
    assert files.version(b"one") != files.version(b"other")
    assert files.version(b"one") == files.version(b"one")

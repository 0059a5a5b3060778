"""A teacher with a phone that dies again and again: records, looks what became of it, records again."""

import itertools
import json
import random
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from PIL import Image

from jiafang.organization.models import Person
from tests.browser.phone_kill.chromium import Chromium, Gone, Stuck
from tests.browser.phone_kill.line import Fate, Line
from tests.browser.phone_kill.plans import Deadly, Kill, Plan, Plans
from tests.factories import organization as make

WATCH = (Path(__file__).parent / "watch.js").read_text("utf-8").split("\n", 2)[2].rstrip().rstrip(";")
LIST = "document.querySelector('h1')?.innerText === '我的记录' && document.querySelector('main').innerText"
FIELD = "document.querySelector('[data-place=finding] textarea')"
ENOUGH = {True: 0.6, False: 0.1}  # seconds that a run goes on after "saved" if nothing has killed it, by line
LONGEST = 60.0
# How many rows lie in each store of the phone, and what it believes of the session.
DISK = """new Promise((done, fail) => {
    const opening = indexedDB.open("jiafang-phone");
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
        const names = [...opening.result.objectStoreNames];
        if (!names.length) return done("nothing");
        const found = {};
        const reading = opening.result.transaction(names);
        for (const name of names) {
            reading.objectStore(name).count().onsuccess = (event) => (found[name] = event.target.result);
        }
        reading.objectStore("facts").getAll().onsuccess = (event) => (found.account = event.target.result[0]?.account);
        reading.oncomplete = () => done(JSON.stringify(found));
    };
})"""


class Broken(AssertionError):
    """A promise was not kept."""


@dataclass
class Written:
    """One version of a record as it was typed. `said`: the page has called it saved, or shown it on its list."""

    text: str
    photo: bool
    said: bool = False
    drafted: bool = False


@dataclass
class Record:
    """One record with all its versions; `id` is known once the page has told it."""

    duty: int
    versions: list[Written] = field(default_factory=list)
    id: str | None = None

    @property
    def address(self) -> str:
        return f"#/record?edit={self.id}" if self.id and len(self.versions) > 1 else f"#/record?duty={self.duty}"


@cache
def photo() -> str:
    path = Path(tempfile.mkdtemp(prefix="phone-photo-")) / "photo.jpg"
    Image.effect_noise((240, 180), 60).convert("RGB").save(path, "JPEG")
    return str(path)


class Teacher:
    """One person, one phone, one profile of the browser on it."""

    def __init__(self, person: Person, duties: list[int], line: Line, profile: Path, chance: random.Random) -> None:
        self.person, self.duties, self.line, self.profile, self.chance = person, duties, line, profile, chance
        client = Client()
        make.sign_in(client, person, "teacher")
        self.session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.records: list[Record] = []
        self.plans = Plans(chance)
        self.runs = 0
        self.killed_at: Counter[str] = Counter()
        self._serial = itertools.count(1)
        self._unsure: Record | None = None

    # The phone

    def begin(self) -> Chromium:
        """The browser with an empty page; the session is known."""
        browser = Chromium(self.profile)
        browser.attach()
        # Kept as the server says: the worker that a start of the browser wakes is signed in before this page is.
        until = time.time() + settings.SESSION_COOKIE_AGE
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": self.session, "url": self.line.url, "expires": until}
        browser.ask("Network.setCookie", **cookie, httpOnly=True, sameSite="Lax")
        return browser

    def start(self, watched: dict[str, Any], place: str) -> Chromium:
        browser = self.begin()
        browser.watch()
        browser.ask("Page.addScriptToEvaluateOnNewDocument", source=f"({WATCH})({json.dumps(watched)})")
        browser.ask("Page.navigate", url=f"{self.line.url}/phone/{place}")
        return browser

    def first_opening(self) -> None:
        """Once with a line: the app and the list are kept from then on."""
        self.line.down = False
        browser = self.start({"armed": False, "step": 0}, "#/mine")
        browser.wait_for(LIST)
        browser.value("navigator.serviceWorker.ready.then(() => true)")
        browser.close()

    # One run

    def run(self, plan: Plan | None = None) -> Plan:
        waiting = any(version.said for record in self.records for version in record.versions)
        known = any(record.id for record in self.records)
        plan = plan or self.plans.draw(waiting=waiting, known=known)
        self.runs += 1
        self.line.fate = Fate()
        self.line.down = plan.what != "open"
        browser = self.start({"armed": plan.what == "open", "step": plan.step}, "#/mine")
        kill = Kill(browser.kill)
        try:
            if plan.what == "open":
                self._watch(browser, kill, plan, None)
                self._end(browser, kill, plan, None)
            else:
                self._look_back(browser)
                record, version = self._next(plan)
                self._write(browser, kill, plan, record, version)
                self._end(browser, kill, plan, version)
        except Gone:
            pass
        finally:
            browser.kill()
            browser.buried()
            self.line.fate = Fate()
        return plan

    def _look_back(self, browser: Chromium) -> None:
        """Whether everything that was called saved is still to be seen, and what became of what was not."""
        shown = browser.wait_for(LIST)
        for record in self.records:
            version = next((one for one in reversed(record.versions) if one.said), None)
            if version and not any(one.text in shown for one in record.versions[record.versions.index(version) :]):
                raise Broken(f"not on the list any more: {version.text}")
        record, self._unsure = self._unsure, None
        if record is None:
            return
        version = record.versions[-1]
        if version.text in shown:
            version.said = True
            # The list tells which record it is.
            rows = "[...document.querySelectorAll('main a.phone-row')]"
            row = f"{rows}.find((one) => one.innerText.includes({json.dumps(version.text)}))"
            record.id = record.id or browser.value(f"{row}.hash.split('/')[2]")
        elif version.drafted:
            self._unsure = record
            self._go(browser, record.address)
            kept = browser.value(f"{FIELD}.value")
            if kept != version.text:
                raise Broken(f"neither saved nor kept as a draft: {version.text}, but {kept!r}")
        else:
            record.versions.pop()
            if not record.versions:
                self.records.remove(record)

    def _next(self, plan: Plan) -> tuple[Record, Written]:
        """What was interrupted is written again; otherwise something new."""
        if self._unsure is not None:
            return self._unsure, self._unsure.versions[-1]
        text = f"第{next(self._serial):05d}次聊到孩子"
        known = [record for record in self.records if record.id]
        if plan.what == "correct" and known:
            record = self.chance.choice(known)
            version = Written(text, False)
        else:
            record = Record(self.chance.choice(self.duties))
            self.records.append(record)
            version = Written(text, plan.what == "photo")
        record.versions.append(version)
        return record, version

    def _go(self, browser: Chromium, address: str) -> None:
        browser.value(f"location.hash = {json.dumps(address)}")
        browser.wait_for(f"{FIELD} !== null && location.hash === {json.dumps(address)}")

    def _write(self, browser: Chromium, kill: Kill, plan: Plan, record: Record, version: Written) -> None:
        if self._unsure is None:
            self._go(browser, record.address)
        self._unsure = record
        self._watch(browser, kill, plan, version, record)
        if version.photo and not browser.value("document.querySelectorAll('.phone-files li').length"):
            found = browser.ask("Runtime.evaluate", expression="document.querySelector('.phone-file-input')")
            browser.ask("DOM.setFileInputFiles", files=[photo()], objectId=found["result"]["objectId"])
            browser.wait_for("document.querySelector('.phone-files li')")
        self.line.down = not plan.online
        if plan.when == "moment":
            kill.soon(plan.seconds)
        browser.value(
            f"""(() => {{
                watching.armed = true;
                const field = {FIELD};
                field.value = {json.dumps(version.text)};
                field.dispatchEvent(new Event("input", {{ bubbles: true }}));
                document.querySelector('[data-place=follow_up] input[value=no]').click();
                document.querySelector('.phone-foot button.btn-primary').click();
            }})()"""
        )

    def _watch(
        self, browser: Chromium, kill: Kill, plan: Plan, version: Written | None, record: Record | None = None
    ) -> None:
        def heed(word: str) -> None:
            what, _slash, rest = word.partition("/")
            if what == "stop":
                self.killed_at[rest] += 1
                kill()
            elif kill.done or version is None:
                return
            elif what == "drafted":
                version.drafted = True
            elif what == "said":
                version.said = True
                if record is not None:
                    record.id = rest
                if plan.when == "said":
                    kill.soon(plan.seconds)

        browser.heed = heed
        if plan.when == "request":
            self.line.fate = Deadly(plan, kill)
        if plan.when == "moment" and plan.what == "open":
            kill.soon(plan.seconds * 5)

    def _end(self, browser: Chromium, kill: Kill, plan: Plan, version: Written | None) -> None:
        """Wait for the end that was planned; end it where that moment never comes."""
        since, said_at = time.monotonic(), None
        while not browser.gone_within(0.03):
            now = time.monotonic()
            if said_at is None and (version.said if version else now - since > ENOUGH[True]):
                said_at = now
            if now - since > LONGEST or (said_at is not None and now - said_at > ENOUGH[plan.online]):
                with suppress(Stuck):  # it stands still where it is to be stopped
                    self.plans.learn(plan, browser.value("watching.step", patience=2))
                break
        if version and version.said:
            self._unsure = None
        if version and not version.said and time.monotonic() - since > LONGEST:
            raise Broken(f"never said to be saved: {version.text} ({plan})")

    # The end

    def disk(self) -> str:
        """What is left on the phone where something went wrong: whether it is lost, or only not shown."""
        self.line.down = True
        browser = self.start({"armed": False, "step": 0}, "#/mine")
        try:
            browser.wait_for("document.querySelector('h1')")
            return str(browser.value(DISK))
        except (Gone, Stuck) as error:
            return f"cannot be told: {error}"
        finally:
            browser.kill()
            browser.buried()

    def send_everything(self) -> None:
        """The line is back for good: whatever waits is sent."""
        self.line.fate, self.line.down = Fate(), False
        browser = self.start({"armed": False, "step": 0}, "#/mine")
        self._look_back(browser)
        browser.value("location.hash = '#/mine'")
        ready = f"({LIST}) && !document.querySelector('main').innerText.includes('只在这部手机里')"
        for _try in range(20):
            try:
                browser.wait_for(ready, patience=4)
                break
            except Stuck:
                browser.value("document.querySelector('.phone-foot button.btn-primary')?.click()")
        else:
            raise Broken("not everything was sent: " + browser.value("document.body.innerText"))
        browser.close()

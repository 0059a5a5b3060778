"""Every page of the house in a real browser, on a phone and at a desk: axe finds nothing and nothing is cut off.

The pages are those of the URL resolver, shown with the objects of the scope test's world. A new address is
asked for by itself; it fails here as long as nobody in that world gets to see a page at it.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from jiafang.config.addresses import Address
from jiafang.organization.models import Person, RosterImport
from jiafang.organization.roster.schema import Kind
from jiafang.organization.services.roster.preview import check_import
from jiafang.organization.services.roster.upload import upload_roster
from tests.browser.conftest import SIZES, OpenPage
from tests.factories import organization as make
from tests.oracle.build_campaigns import build_campaigns
from tests.oracle.build_care import build_care
from tests.oracle.build_notifications import build_notifications
from tests.oracle.build_people import build_people
from tests.oracle.building import rows_of, scoped_tables
from tests.oracle.expectation import ANYBODY
from tests.oracle.expected import EXPECTED
from tests.oracle.facts import World
from tests.oracle.oracle import Oracle, Subject
from tests.oracle.questions import filled, named_addresses
from tests.oracle.subjects import SUBJECTS
from tests.organization.roster.workbooks import ours, small_school, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Those whose pages show most come first; each person in one capacity.
WHO_ASKS = ("principal one", "director", "homeroom 1a", "administrator", "mother a", "cadre one", "lead k1")
NO_SUCH_PAGE = "/there-is-no-such-page/"
MOST_TRIED = 12
NO_PAGES = {
    "home": "leads on",
    "my_class": "leads on",
    "alive": "plain text",
    "phone_manifest": "data",
    "phone_worker": "a script",
    "phone": "drawn by its script; looked at in tests/browser/test_phone_app.py",
    "plan_progress": "a part of a page",
    "roster_progress": "a part of a page",
    "look_job": "a part of a page",
    "look_check": "data",
    "switch_language": "changes what follows",
    "account_signup": "closed: answered as forbidden",
    "mfa_authenticate": "between password and entry; looked at in tests/accounts/doors",
    "campaign_basis": "a file",
    "timetable_excel": "a file",
    "timetable_pdf": "a file",
    "roster_template": "a file",
    "roster_marked": "a file",
    "family_file": "a file",
    "attachment": "a file",
    "question_example": "a file",
    "calendar_feed": "a file",
    "case_plan_pdf": "a file",
}


@dataclass(frozen=True)
class Sight:
    """One page: its address, and who sees it; nobody has signed in where there is no subject."""

    path: str
    subject: Subject | None
    length: int = 0

    @property
    def of_whom(self) -> tuple[str, str]:
        return (self.subject.name, self.subject.kind) if self.subject else ("", "")


@pytest.fixture
def world() -> World:
    built = World()
    build_people(built)
    build_campaigns(built)
    build_notifications(built)
    build_care(built)
    _roster_imports(built)
    built.tables = {model._meta.label_lower: rows_of(model) for model in scoped_tables()}
    return built


def _roster_imports(world: World) -> None:
    """One import with changes and a fault to look at, one that asks what its columns mean."""
    by = make.actor_of(world.rows["person", world.people["administrator"]], "administrator")
    faulty = small_school()
    faulty[Kind.STUDENTS] = [*faulty[Kind.STUDENTS], {"name": "无班可归"}]
    unknown = workbook({"Sheet1": [["甲列", "姓名", "乙列"], ["1", "许嘉禾", "一班"], ["2", "林知秋", "二班"]]})
    imports = []
    for source in (ours(faulty), unknown):
        row = upload_roster(by=by, files=[source])
        imports.append(check_import(by=by, import_id=row.pk))
    assert [row.state for row in imports] == [RosterImport.State.PREVIEWED, RosterImport.State.MAPPING]
    world.others["roster_import"] = [*(row.pk for row in imports), *world.others["roster_import"]]


def subjects() -> list[Subject | None]:
    """One capacity of each of those who ask, and a stranger."""
    found = {subject.name: subject for subject in reversed(SUBJECTS)}
    return [*(found[name] for name in WHO_ASKS), None]


def sights(world: World) -> tuple[list[Sight], list[str]]:
    """The fullest page of every address, one more for each query that it knows; and the addresses without any."""
    askers = [Asker(world, subject) for subject in subjects()]
    found: list[Sight] = []
    missing = []
    for name, address in named_addresses().items():
        if name in NO_PAGES or name.startswith("api:") or (address.gate is not None and "GET" not in address.methods):
            continue
        sights_of_it = [sight for asker in askers if (sight := asker.first_sight(name, address))]
        if not sights_of_it:
            missing.append(name)
            continue
        seen = max(sights_of_it, key=lambda sight: sight.length)
        found += [seen, *_queried(world, askers, name, seen)]
    return found, missing


def _queried(world: World, askers: list["Asker"], name: str, seen: Sight) -> Iterator[Sight]:
    asker = next(asker for asker in askers if asker.subject == seen.subject)
    for body in EXPECTED[name].query:
        for data in itertools.islice(filled(world, body), MOST_TRIED):
            path = f"{seen.path}?{urlencode(data)}"
            if asker.sees(path):
                yield Sight(path, seen.subject)
                break


class Asker:
    """Somebody who is signed in, or a stranger."""

    def __init__(self, world: World, subject: Subject | None) -> None:
        self.world, self.subject = world, subject
        self.oracle = Oracle(world, subject) if subject else None
        self.client = Client()
        if subject:
            make.sign_in(self.client, world.rows["person", world.people[subject.name]], subject.kind)
            make.confirm(self.client)

    def first_sight(self, name: str, address: Address) -> Sight | None:
        """A page at the address, of objects that the oracle allows."""
        parameters = [parameter for parameter, _converter in address.parameters]
        for chosen in itertools.islice(self._objects(name, parameters), MOST_TRIED):
            path = reverse(name, kwargs=dict(zip(parameters, chosen, strict=True)))
            if length := self.sees(path):
                return Sight(path, self.subject, length)
        return None

    def _objects(self, name: str, parameters: list[str]) -> Iterator[tuple[Any, ...]]:
        expected = EXPECTED[name]
        if expected.kinds != ANYBODY and (self.oracle is None or self.oracle.kind not in expected.kinds):
            return
        for chosen in itertools.product(*(self.world.ids(expected.parameters[p]) for p in parameters)):
            if expected.reach is None or (self.oracle and expected.reach(self.oracle, *chosen)):
                yield chosen

    def sees(self, path: str) -> int:
        """How much there is to see; nothing where there is no page."""
        response = self.client.get(path)
        shown = response.status_code == 200 and b"<main" in response.content
        return len(response.content) if shown else 0


def test_every_page_is_for_everybody(
    world: World, open_page: OpenPage, axe_faults: Callable[[Page], list[str]]
) -> None:
    pages, missing = sights(world)
    assert missing == [], "nobody of the world in tests/oracle sees a page here: give it an object, or say why not"
    faults = list(_faults(world, open_page, axe_faults, pages))
    assert faults == [], "\n".join(faults)


def _faults(
    world: World, open_page: OpenPage, axe_faults: Callable[[Page], list[str]], pages: list[Sight]
) -> Iterator[str]:
    pages = sorted([*pages, Sight(NO_SUCH_PAGE, None)], key=lambda sight: sight.of_whom)
    for (name, kind), group in itertools.groupby(pages, lambda sight: sight.of_whom):
        person: Person | None = world.rows["person", world.people[name]] if name else None
        screen = open_page(person, "/alive/", kind=kind or None, confirmed=True)
        for sight in group:
            screen.goto(sight.path)
            # What is folded away is looked at as well.
            screen.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")
            for size, (width, height) in SIZES.items():
                screen.set_viewport_size({"width": width, "height": height})
                seen = f"{sight.path} as {name or 'a stranger'} on a {size}"
                yield from (f"{seen}: {fault}" for fault in axe_faults(screen))
                if screen.evaluate("document.documentElement.scrollWidth") > width:
                    yield f"{seen}: wider than the screen"

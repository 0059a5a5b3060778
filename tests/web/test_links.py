"""Nobody is shown a link that leads nowhere."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from tests.factories import organization as make
from tests.oracle.build_campaigns import build_campaigns
from tests.oracle.build_people import build_people
from tests.oracle.changes import undone
from tests.oracle.facts import World
from tests.oracle.subjects import SUBJECTS

pytestmark = [pytest.mark.django_db, pytest.mark.long]
LINK = re.compile(r"""<a [^>]*?href="(/[^"#]*)""")
EACH = 4


def test_every_link_that_anybody_sees_leads_somewhere() -> None:
    with undone():
        world = World()
        build_people(world)
        build_campaigns(world)
        broken = [
            f"{subject}: {path} links to {link}"
            for subject in SUBJECTS
            if subject.kind
            for path, link in _dead_links(_signed_in(world, subject.name, subject.kind))
        ]
    assert not broken, "\n".join(broken)


def _signed_in(world: World, name: str, kind: str) -> Client:
    client = Client()
    make.sign_in(client, world.rows["person", world.people[name]], kind)
    return client


def _dead_links(client: Client) -> Iterator[tuple[str, str]]:
    """From the first page on, along every link, a few for each address."""
    waiting, asked, of_name = [("", "/")], {"/"}, dict[str, int]()
    while waiting:
        page, path = waiting.pop(0)
        answer = client.get(path, follow=True)
        if answer.status_code >= 400:
            yield page, path
        elif answer.headers["Content-Type"].startswith("text/html"):
            for link in map(unescape, LINK.findall(answer.content.decode())):
                name = _name_of(link)
                if link not in asked and of_name.setdefault(name, 0) < EACH:
                    of_name[name] += 1
                    asked.add(link)
                    waiting.append((path, link))


def _name_of(link: str) -> str:
    try:
        return resolve(link.split("?")[0]).url_name or ""
    except Resolver404:
        return link

"""Every page asks the database as often for three of everything as for one."""

import itertools
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from jiafang.config.addresses import addresses
from tests.factories import organization as make
from tests.oracle.changes import undone
from tests.oracle.expectation import ANYBODY
from tests.oracle.expected import EXPECTED
from tests.queries import query_count
from tests.web.growing import Grown, grow

pytestmark = [pytest.mark.django_db, pytest.mark.long]
Asked = tuple[str, str, str]
"""The kind of the one who asks, the name of the address, its query."""

QUERIES = {
    "timetable": ["cohort=all&week=all", "cohort=all&week=all&view=list"],
    "campaign_families": [],
    "people_list": ["q=班"],
}
NO_PAGE = {
    "account_login",
    "account_logout",
    "account_signup",
    "mfa_authenticate",
    "switch_language",
    "campaign_basis",
    "roster_marked",
    "home",
    "my_class",
}
ABOUT_ONE = ("look", "api:api-root", "api:check_move")


def asked_for() -> set[str]:
    """The names of the addresses that can be read."""
    names = {one.name for one in addresses() if one.gate is None or "GET" in one.methods}
    return {name for name in names if name not in NO_PAGE and not name.startswith(ABOUT_ONE)}


def costs(grown: Grown, wanted: Callable[[Asked], bool]) -> dict[Asked, int]:
    """What every page costs everybody who may open it."""
    found: dict[Asked, int] = {}
    for kind, person in grown.people.items():
        client = Client()
        make.sign_in(client, person, kind)
        make.confirm(client)
        for name in asked_for():
            for query in ["", *QUERIES.get(name, [])]:
                if wanted((kind, name, query)) and (cost := _cost(client, grown, kind, name, query)) is not None:
                    found[kind, name, query] = cost
    return found


def _cost(client: Client, grown: Grown, kind: str, name: str, query: str) -> int | None:
    """The queries of the first of its objects that this one may open."""
    expected = EXPECTED.get(name)
    if expected is None or (expected.kinds != ANYBODY and kind not in expected.kinds):
        return None
    for chosen in itertools.product(*(grown.ids[of] for of in expected.parameters.values())):
        path = reverse(name, kwargs=dict(zip(expected.parameters, chosen, strict=True))) + (query and f"?{query}")
        answers = []
        cost = query_count(lambda: answers.append(client.get(path)))  # noqa: B023
        if answers[0].status_code == 200:
            return cost
    return None


def test_three_rows_cost_what_one_row_costs() -> None:
    with undone():
        one = costs(grow(1), lambda asked: True)
    with undone():
        three = costs(grow(3), lambda asked: True)
    never = asked_for() - {name for _kind, name, _query in one}
    assert not never, f"nobody sees {sorted(never)}: give tests/web/growing.py an object for each"
    differing = {asked for asked in one.keys() | three.keys() if one.get(asked) != three.get(asked)}
    with undone():
        # Again, for what is remembered from request to request is asked for the first time only.
        one |= costs(grow(1), lambda asked: asked in differing)
    faults = [
        f"{asked}: {one.get(asked)} queries for one, {three.get(asked)} for three"
        for asked in sorted(differing)
        if one.get(asked) != three.get(asked)
    ]
    assert not faults, "\n".join(faults)

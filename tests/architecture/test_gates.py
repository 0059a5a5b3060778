"""No address without a rule about who may come in."""

from types import SimpleNamespace

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from ninja import NinjaAPI

from jiafang.access.actor import ALL_KINDS
from jiafang.access.permissions import permissions
from jiafang.config import addresses as house
from jiafang.config.addresses import Address, addresses

# Pages that somebody sees who is not signed in, or not yet in any role.
OPEN = {
    "home",
    "alive",
    "phone",
    "phone_manifest",
    "phone_worker",
    "account_login",
    "account_logout",
    "account_change_password",
    "account_inactive",
    "account_signup",
    "account_activate",
    "mfa_authenticate",
    "switch_language",
    "calendar_feed",
    "api:api-root",
}


def without_gate(known: list[Address]) -> list[str]:
    return [one.pattern for one in known if one.gate is None and one.name not in OPEN]


def test_every_address_has_a_gate_and_a_name_of_its_own() -> None:
    known = addresses()
    assert without_gate(known) == []
    names = [one.name for one in known]
    assert "" not in names
    assert len(names) == len(set(names))


def test_only_these_addresses_are_open_to_everybody() -> None:
    assert {one.name for one in addresses() if "*" in one.kinds or one.gate is None} == OPEN


def test_every_gate_names_kinds_and_permissions_that_exist() -> None:
    for one in addresses():
        assert one.kinds <= ALL_KINDS | {"*"}, one.name
        assert not one.permission or one.permission in permissions(), one.name
        if one.permission:
            # A kind that may come in but holds not the permission would meet a closed door behind an open one.
            assert permissions()[one.permission] & one.kinds, one.name


def a_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_the_rule_about_gates_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    api = NinjaAPI(urls_namespace="without-a-door", docs_url=None, openapi_url=None)
    api.get("/rows", url_name="rows")(a_view)
    resolver = SimpleNamespace(url_patterns=[path("new/", a_view, name="new"), path("api/", api.urls)])
    monkeypatch.setattr(house, "get_resolver", lambda: resolver)
    assert without_gate(addresses()) == ["new/", "api/rows", "api/"]

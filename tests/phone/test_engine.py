"""What the phone promises, against the real server."""

import pytest

from jiafang.visits.models import Visit
from tests.phone.house import House, Line, draft
from tests.phone.node import Phones

pytestmark = pytest.mark.django_db


def test_a_record_is_saved_without_a_line_and_sent_once_with_it(house: House, line: Line, phones: Phones) -> None:
    line.sign_in("a", house.teachers[0])
    phones("a", "open")
    phones("a", "sync")
    print(phones("a", "facts"))
    saved = phones("a", "saveVisit", draft=draft(house.duties[:1], "门口聊了会儿"))
    assert [item["state"] for item in phones("a", "items")] == ["waiting"]
    phones("a", "sync")
    assert [item["state"] for item in phones("a", "items")] == ["taken"]
    assert str(Visit.unscoped.get().pk) == saved["id"]
    assert Visit.unscoped.get().finding == "门口聊了会儿"

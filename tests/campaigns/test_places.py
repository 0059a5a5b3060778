"""Where the bureau is, as long as nobody has said so."""

import pytest

from jiafang.campaigns.places import Atlas
from jiafang.organization.models import District
from tests.factories import organization as make

pytestmark = pytest.mark.django_db


def test_a_bureau_without_a_point_lies_amid_its_schools() -> None:
    make.SchoolFactory(lat=25.0, lon=118.0)
    make.SchoolFactory(lat=26.0, lon=119.0)
    make.SchoolFactory(lat=None, lon=None, township="无名镇")
    place = Atlas((), ()).bureau()
    assert (place.lat, place.lon, place.approximate) == (25.5, 118.5, True)


def test_a_bureau_with_a_point_is_there() -> None:
    make.SchoolFactory(lat=25.0, lon=118.0)
    make.DistrictFactory(lat=24.0, lon=117.0)
    place = Atlas((), ()).bureau()
    assert (place.lat, place.lon, place.approximate) == (24.0, 117.0, False)
    assert place.words == District.objects.get().bureau_name

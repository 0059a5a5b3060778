"""The database alone: as each subject it shows exactly what the oracle says, and writes nothing without a claim."""

from collections.abc import Iterator

import pytest
from django.db.models import Model

from tests.oracle.building import fenced_tables
from tests.oracle.facts import World
from tests.oracle.reaching import reaches
from tests.oracle.second_fence import claim_faults, claimable, claims, machine_faults, read_faults, write_faults

pytestmark = pytest.mark.long


def named(model: type[Model]) -> str:
    return str(model._meta.label_lower)


@pytest.mark.parametrize("model", fenced_tables(), ids=named)
def test_the_database_shows_what_the_oracle_expects(world: World, model: type[Model]) -> None:
    assert list(read_faults(world, model)) == []


@pytest.mark.parametrize("model", fenced_tables(), ids=named)
def test_nothing_is_written_without_a_claim(world: World, model: type[Model]) -> None:
    assert list(write_faults(world, model)) == []


@pytest.mark.parametrize("model", fenced_tables(), ids=named)
def test_the_machine_reaches_every_row(world: World, model: type[Model]) -> None:
    assert list(machine_faults(world, model)) == []


def test_the_database_agrees_to_the_claims_that_the_oracle_expects(world: World) -> None:
    assert claims()
    assert [fault for purpose, table in claims() for fault in claim_faults(world, purpose, table)] == []


def test_every_claim_matters_in_this_world(world: World) -> None:
    """Somebody may and somebody may not: else nobody would see its rule widened or gone."""

    def idle() -> Iterator[str]:
        for purpose, table in claims():
            said = [claimable(reach, purpose, table) or set() for reach in reaches(world)]
            if not any(said) or not any(set(world.tables[table.replace("_", ".", 1)]) - one for one in said):
                yield f"{purpose} {table}"

    assert list(idle()) == []

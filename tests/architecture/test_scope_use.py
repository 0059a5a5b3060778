"""Rows of the domain are reached through `access.scope` and no other way."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import Model

from jiafang.access.registry import rules
from jiafang.accounts.models import AuditEntry, User
from jiafang.common.models import Scoped
from tests.architecture.source import Module, broken, dotted

MANAGERS = {"unscoped", "objects", "_default_manager", "_base_manager"}
# Where a use case, a rule or the way to and from the planner works on rows that it has found or made itself.
MAY_GO_AROUND = (
    "/services/",
    "/tasks.py",
    "/scope.py",
    "/roster/",
    "/management/commands/",
    "access/",
    "common/",
    "accounts/audit.py",
    "organization/capacities.py",
    "organization/care_tag_kinds.py",
    "campaigns/to_planner.py",
    "campaigns/from_planner.py",
    "campaigns/places.py",
    "campaigns/roads.py",
    "campaigns/tiers.py",
    "campaigns/defaults.py",
    "care/offices.py",
    "care/seats.py",
    "insight/signs.py",
    "demonstration/",
    "rescue/",  # copies and compares the database whole, as its owner
)
# Rows of these are read by nobody as a page: the rule-less on purpose, each with its reason.
WITHOUT_RULE = {
    "access.Grant": "read by rules of other models, never shown itself",
    "campaigns.Occupancy": "a constraint in the shape of rows; what it says is read off the appointments",
}
# `all` is what reads a prefetch, `get` and `values` are also said of dictionaries.
READS = {
    "filter", "exclude", "first", "last", "count", "exists", "values_list", "order_by", "select_related",
    "prefetch_related", "annotate", "aggregate", "iterator", "in_bulk", "earliest", "latest",
}  # fmt: skip


# Whom a meeting or a record is about belongs to it: who may read the one may read the other.
BELONG_TOGETHER = {"appointment.duties", "visit.duties"}


def scoped_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if issubclass(model, Scoped)]


def guarded_names() -> set[str]:
    return {model.__name__ for model in [*scoped_models(), AuditEntry, User]}


def accessors() -> set[str]:
    """Attributes that lead from one row to many scoped ones without asking for the scope."""
    names = set()
    for model in apps.get_models():
        if not model.__module__.startswith("jiafang."):
            continue
        for field in model._meta.get_fields(include_hidden=False):
            target = field.related_model
            many = field.one_to_many or field.many_to_many
            if many and isinstance(target, type) and issubclass(target, Scoped):
                names.add(field.get_accessor_name() if field.auto_created else field.name)
    return names


def going_around(module: Module) -> Iterator[str]:
    """A manager of a guarded model, outside the places that may; `.none()` yields nothing and is free."""
    if any(part in f"/{module.name}" for part in MAY_GO_AROUND):
        return
    guarded = guarded_names()
    empty = {
        id(call.func.value)
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "none"
    }
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Attribute) or node.attr not in MANAGERS or id(node) in empty:
            continue
        owner = dotted(node.value).split(".")
        if node.attr != "objects" or owner[-1] in guarded:
            yield f"{module.place(node)} {dotted(node)}"


def going_along_a_relation(module: Module) -> Iterator[str]:
    """`school.posts.filter(…)` in a read: rows of the domain that no rule was asked for."""
    if not module.is_read_only or module.name.endswith("scope.py"):
        return
    names = accessors()
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in READS
            and isinstance(node.func.value, ast.Attribute)
            and node.func.value.attr in names
            and dotted(node.func.value) not in BELONG_TOGETHER
        ):
            yield f"{module.place(node)} {dotted(node.func)}"


def test_pages_sums_and_selectors_never_go_around_the_scope() -> None:
    assert broken(going_around) == []


def test_pages_sums_and_selectors_never_walk_along_relations() -> None:
    assert broken(going_along_a_relation) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("web/x/views.py", "Person.unscoped.filter(pk=1)"),
        ("web/x/views.py", "models.Campaign.objects.all()"),
        ("insight/x.py", "Duty._default_manager.all()"),
        ("organization/selectors.py", "Person.unscoped.get(pk=1)"),
        ("visits/selectors/agenda.py", "User.objects.get(pk=1)"),
        ("api/x.py", "Person.unscoped.none().union(Person.unscoped.all())"),
    ],
)
def test_the_rule_against_going_around_can_fail(name: str, line: str) -> None:
    assert broken(going_around, [Module(name, line)])


@pytest.mark.parametrize("line", ["Person.unscoped.none()", "Village.objects.all()", "scope(actor, Person).get(pk=1)"])
def test_what_reaches_nobody_is_free(line: str) -> None:
    assert broken(going_around, [Module("web/x/views.py", line)]) == []


def test_the_rule_against_walking_along_relations_can_fail() -> None:
    assert broken(going_along_a_relation, [Module("web/x.py", "school.posts.filter(kind='principal')")])
    assert broken(going_along_a_relation, [Module("insight/x.py", "person.guardianships.first()")])
    assert broken(going_along_a_relation, [Module("campaigns/selectors.py", "campaign.duties.count()")])


def test_every_scoped_model_has_a_rule_or_lacks_one_on_purpose() -> None:
    ruled = {entry.model for entry in rules()}
    assert {model._meta.label for model in scoped_models() if model not in ruled} == set(WITHOUT_RULE)


def test_scoped_models_have_no_other_manager() -> None:
    for model in scoped_models():
        assert [manager.name for manager in model._meta.managers] == ["unscoped"], model


def test_every_model_of_the_house_that_holds_people_is_scoped() -> None:
    """A model that points to a person, to a student's class or to a campaign is no public reference data."""
    private = {"organization.Person", "organization.SchoolClass", "campaigns.Campaign"}
    open_on_purpose = {"accounts.AuditEntry"}
    found = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("jiafang.") and not issubclass(model, Scoped)
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and getattr(field.related_model, "_meta", None)
        and field.related_model._meta.label in private
    }  # fmt: skip
    assert found - open_on_purpose == set()

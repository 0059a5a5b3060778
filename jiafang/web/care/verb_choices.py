"""What can be chosen in the forms of a case: people in their roles, guardians, sections, resources, other cases."""

from collections.abc import Collection, Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from jiafang.access import Actor
from jiafang.care.models import BureauSection, CaseFile, Role
from jiafang.care.selectors.one_case import same_subject
from jiafang.care.selectors.resources import resources
from jiafang.care.services.choosable import Choosable, People, people_to_choose
from jiafang.web.care.verb_forms import Choices
from jiafang.web.visits.words import short_date

NEEDS_PEOPLE = frozenset({"assign", "hand_over", "refer", "send_down", "name_reader", "propose", "confirm_orally"})


def people_of(actor: Actor, case: CaseFile, verbs: Collection[str]) -> People:
    """Looked up once for all the forms of a page."""
    return people_to_choose(by=actor, case=case) if NEEDS_PEOPLE & set(verbs) else People()


def choices_of(actor: Actor, case: CaseFile, verb: str, people: People) -> dict[str, Choices]:
    """Field → what can be chosen; a field without anything to choose is left out of the form."""
    if verb == "act":
        return {"resource_id": _resources(actor)}
    if verb == "propose":
        return {"ask_person_id": _to_ask(case, people)}
    if verb == "confirm_orally":
        return {"guardian_id": [one for one in people.guardians if one[0] == case.confirmer_id]}
    if verb == "assign":
        return {"seat": [_only_the_day(case, *one) for one in _seats(people.to_give)]}
    if verb == "hand_over":
        return {"seat": _seats(one for one in people.to_give if one.person_id != case.owner_id)}
    if verb in ("refer", "name_reader"):
        return {"seat": _seats(people.to_ask)}
    if verb == "send_down":
        return {"seat": _seats(people.to_send_down)}
    if verb == "send_up":
        sections = BureauSection.objects.filter(active=True).values_list("pk", "name")
        return {"section_id": [("", _("按类别的规定")), *sections] if sections else []}
    if verb == "merge":
        others_like_it = same_subject(actor, case)
        return {
            "into_id": [
                (one.pk, f"{one.category.name} · {short_date(timezone.localdate(one.raised_at))}")
                for one in others_like_it
            ]
        }
    return {}


def _seats(people: Iterable[Choosable]) -> Choices:
    return [(f"{one.role}:{one.person_id}", f"{one.name}({Role(one.role).label})") for one in people]


def _only_the_day(case: CaseFile, seat: str, words: str) -> tuple[str, str]:
    """Left with its owner, it is given another day."""
    owns = seat == f"{case.owner_role}:{case.owner_id}"
    return seat, _("还是%(who)s,只改期限") % {"who": words} if owns else words


def _resources(actor: Actor) -> Choices:
    found = [(one.pk, one.name) for one in resources(actor)]
    return [("", _("没有用到")), *found] if found else []


def _to_ask(case: CaseFile, people: People) -> Choices:
    """Whoever says so now, unless that is the owner, and who may be asked instead."""
    names = dict(people.confirmers)
    if case.confirmer_id != case.owner_id:
        names = {case.confirmer_id: case.confirmer.name} | names
    return list(names.items())

"""Pages on which accounts are opened and codes handed out."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access import reading, scope
from jiafang.access.registry import CHANGE
from jiafang.common.clock import today
from jiafang.organization.models import Person, Post, School, holding
from jiafang.organization.services.open_accounts import (
    close_account,
    open_accounts,
    people_above,
    reset_sign_in,
)
from jiafang.web.accounts.confirm import confirmed
from jiafang.web.components.shapes import Crumb
from jiafang.web.gate import ActorRequest, gate, scoped_or_404


@gate(permission="accounts.open", methods=("POST",))
@confirmed
def person_account_open(request: ActorRequest, pk: int) -> HttpResponse:
    """Open one account, or hand out a new code, which makes whoever has it that person; shown nowhere else."""
    person = scoped_or_404(request.actor, Person, purpose=CHANGE, pk=pk)
    opened = open_accounts(by=request.actor, people=[person], renew=True)
    trail = [Crumb(person.name, reverse("person", args=[pk])), Crumb(_("账号"))]
    return _codes_page(request, opened, trail)


@gate(permission="accounts.open", methods=("POST",))
def person_account_close(request: ActorRequest, pk: int) -> HttpResponse:
    person = scoped_or_404(request.actor, Person, purpose=CHANGE, pk=pk)
    close_account(by=request.actor, person=person)
    messages.success(request, _("账号已停用,从现在起不能登录。"))
    return redirect("person", pk=pk)


@gate(permission="accounts.open", methods=("POST",))
@confirmed
def person_account_reset(request: ActorRequest, pk: int) -> HttpResponse:
    """A lost phone: the code that begins the sign-in anew is shown on the answer and nowhere else."""
    person = scoped_or_404(request.actor, Person, purpose=CHANGE, pk=pk)
    opened = [reset_sign_in(by=request.actor, person=person)]
    trail = [Crumb(person.name, reverse("person", args=[pk])), Crumb(_("账号"))]
    return _codes_page(request, opened, trail)


@gate(permission="accounts.open", methods=("POST",))
@confirmed
def school_accounts_open(request: ActorRequest, pk: int) -> HttpResponse:
    """Open accounts for all staff of a school who have none, on one page to print and cut."""
    school = scoped_or_404(request.actor, School, pk=pk)
    with reading(request.actor):
        posts = scope(request.actor, Post).filter(holding(today()), school=school)
        rows = scope(request.actor, Person, CHANGE).filter(pk__in=posts.values("person_id"), user=None, deceased=False)
        if request.actor.school_id:
            # The sign-in of who leads the school or works elsewhere too is the bureau's to give.
            rows = rows.exclude(pk__in=people_above(request.actor))
        people = list(rows)
    if not people:
        messages.info(request, _("这所学校的教职工都已经有账号了。"))
        return redirect("school", pk=pk)
    opened = open_accounts(by=request.actor, people=people)
    trail = [Crumb(school.name, reverse("school", args=[pk])), Crumb(_("账号"))]
    return _codes_page(request, opened, trail)


def _codes_page(request: ActorRequest, opened: object, trail: list[Crumb]) -> HttpResponse:
    address = request.build_absolute_uri(reverse("account_activate"))
    with reading(request.actor):
        response = render(request, "organization/codes.html", {"opened": opened, "trail": trail, "address": address})
    response.headers["Cache-Control"] = "no-store"
    return response

"""What every page shows around its content: the places of the role, the capacities of the person."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from jiafang.access import reading
from jiafang.access.actor import (
    ADMINISTRATOR,
    CADRE,
    COHORT_LEAD,
    COMMUNITY_PARTNER,
    COUNSELOR,
    DIRECTOR,
    GUARDIAN,
    PRINCIPAL,
    TEACHER,
    Actor,
)
from jiafang.access.transaction import acting
from jiafang.keys.masters import keyed_hash
from jiafang.notifications.selectors import unread_count
from jiafang.web.care.board_words import board_title
from jiafang.web.components.shapes import NavItem


def places(actor: Actor) -> list[tuple[str, str, str]]:
    """(label, url name, icon) in the order in which the role opens them."""
    today = (_("今日家访"), "today", "calendar-event")
    talks = (_("今日走访"), "today", "calendar-event")
    my_class = (_("我的班级"), "my_class", "users")
    campaigns = (_("家访活动"), "campaign_list", "flag")
    people = (_("找人"), "people_list", "search")
    overview = (_("总览"), "overview", "chart-bar")
    schools = (_("学校"), "school_list", "building")
    roster = (_("名册导入"), "roster_list", "upload")
    corrections = (_("家长的更正"), "correction_list", "pencil")
    retention = (_("保存期限"), "retention", "history")
    held = (_("等待核对的上传"), "held_list", "device-mobile")
    questions = (_("附加题目"), "question_list", "checklist")
    cases = (board_title(actor.kind), "case_board", "clipboard-list")
    help_found = (_("求助资源"), "resources", "phone")
    tables = (_("事项设置"), "care_tables", "settings")
    leads_class = bool(actor.capacity.homeroom_class_ids)
    of_role = {
        ADMINISTRATOR: [overview, roster, campaigns, people, schools, questions, held, corrections, tables, retention],
        DIRECTOR: [overview, cases, campaigns, schools, people, talks, questions, tables],
        CADRE: [talks, cases, (_("我挂钩的学校"), "school_list", "building"), campaigns, people],
        PRINCIPAL: [overview, cases, campaigns, talks, people, schools, questions, corrections],
        COHORT_LEAD: [campaigns, today, cases, people, overview],
        TEACHER: [today, my_class, cases, campaigns, people, *([corrections] if leads_class else [])],
        COUNSELOR: [cases, today, people],
        GUARDIAN: [
            (_("我家的家访"), "family", "home"),
            (_("和学校说"), "own_cases", "message-circle"),
            (_("孩子的资料"), "family_data", "file-text"),
        ],
        COMMUNITY_PARTNER: [],
    }.get(actor.kind)
    return [*of_role, help_found] if of_role else []


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: nav, actor, capacities, whose typed words the tab may keep, how much is unread."""
    actor: Actor | None = getattr(request, "actor", None)
    nav = []
    for label, name, icon in places(actor) if actor else []:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        nav.append(NavItem(label, url, icon, request.path.startswith(url)))
    return {
        "nav": nav,
        "actor": actor,
        "capacities": getattr(request, "capacities", []),
        "typist": _typist(request),
        "unread": cache(lambda: _unread(actor)),
    }


def _typist(request: HttpRequest) -> str:
    """Whoever is signed in, as a name that says nothing: what they type stays apart from what others type."""
    user = getattr(request, "user", None)
    return keyed_hash(str(user.pk), "typist")[:24] if user is not None and user.is_authenticated else ""


def _unread(actor: Actor | None) -> int:
    """Asked for by the templates that show it, once: a part of a page does without."""
    if actor is None:
        return 0
    if acting() == actor:
        return unread_count(actor)
    with reading(actor):
        return unread_count(actor)

"""What the pages and the HTTP API of campaigns, plans and timetables are expected to answer."""

from typing import Any

from tests.oracle.expectation import ANYBODY, BOTH, POST, Body, Expected, of
from tests.oracle.oracle import FAMILY, PLANNERS, STAFF, Oracle

LEADERS = ("administrator", "director", "principal")
KNOW_FAMILIES = (*PLANNERS, "teacher")
# What hangs on a wall names people and villages; nobody's door or telephone.
WALL = frozenset({"household", "tag", "phone"})


def _campaign(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_campaign(oracle.world.campaigns[pk])


def _led(oracle: Oracle, pk: int) -> bool:
    return oracle.leads_campaign(oracle.world.campaigns[pk])


def _umbrella(oracle: Oracle, pk: int) -> bool:
    campaign = oracle.world.campaigns[pk]
    return campaign.school is None and campaign.tier in ("principal_teacher", FAMILY)


def _led_with_visits(oracle: Oracle, pk: int) -> bool:
    return _led(oracle, pk) and not _umbrella(oracle, pk)


def _editable(oracle: Oracle, pk: int) -> bool:
    return _led(oracle, pk) and oracle.world.campaigns[pk].state != "closed"


def _editable_with_visits(oracle: Oracle, pk: int) -> bool:
    return _editable(oracle, pk) and not _umbrella(oracle, pk)


def _editable_family(oracle: Oracle, pk: int) -> bool:
    return _editable_with_visits(oracle, pk) and oracle.world.campaigns[pk].tier == FAMILY


def _with_timetable(oracle: Oracle, pk: int) -> bool:
    return _campaign(oracle, pk) and not _umbrella(oracle, pk)


def _duty(oracle: Oracle, pk: int) -> bool:
    duty = oracle.world.duties[pk]
    return oracle.sees_duty(duty) and _campaign(oracle, duty.campaign)


def _plan_run(oracle: Oracle, pk: int) -> bool:
    return oracle.sees_plan_run(oracle.world.campaigns[oracle.world.plan_runs[pk]])


def _movable(oracle: Oracle, pk: int) -> bool:
    return oracle.kind == "administrator" or oracle.plans(oracle.world.appointments[pk])


def _movable_by_phone(oracle: Oracle, pk: int) -> bool:
    """A homeroom teacher moves the published meetings of the own group as well."""
    met = oracle.world.appointments[pk]
    leads = oracle.kind == "teacher" and oracle.world.groups[met.group].lead == oracle.me
    return _movable(oracle, pk) or (leads and met.published and oracle.works_for(met.campaign))


def _movable_trip(oracle: Oracle, pk: int) -> bool:
    stops = [met for met in oracle.world.appointments.values() if met.trip == pk]
    return all(_movable_by_phone(oracle, met.pk) for met in stops)


def _seen_trip(oracle: Oracle, pk: int) -> bool:
    return any(oracle.sees_appointment(met) for met in oracle.world.appointments.values() if met.trip == pk)


def _own_shift(oracle: Oracle, objects: tuple[Any, ...], chosen: tuple[Any, ...]) -> bool:
    """A meeting moves within its own campaign."""
    return oracle.world.campaign_of_shift[chosen[-1]] == oracle.world.appointments[objects[0]].campaign


def _own_trip_shift(oracle: Oracle, objects: tuple[Any, ...], chosen: tuple[Any, ...]) -> bool:
    met = next(met for met in oracle.world.appointments.values() if met.trip == objects[0])
    return oracle.world.campaign_of_shift[chosen[-1]] == met.campaign


def _own_evenings(oracle: Oracle, objects: tuple[Any, ...], chosen: tuple[Any, ...]) -> bool:
    """One's own evenings in a campaign in which one visits, or anybody's where one plans."""
    crews = [g for g in oracle.world.groups.values() if g.campaign == objects[0]]
    return _led(oracle, objects[0]) or any(oracle.me in {g.lead, *g.others} for g in crews)


_CELL = {"visitor": "group", "evening": "shift"}

CAMPAIGNS = {
    "campaign_list": Expected(STAFF),
    "campaign_new": Expected(LEADERS, methods=BOTH),
    "campaign": Expected(STAFF, _campaign, of("campaign")),
    "campaign_basis": Expected(STAFF, _campaign, of("campaign")),
    "campaign_edit": Expected(LEADERS, _editable, of("campaign"), BOTH),
    "campaign_rules": Expected(LEADERS, _editable_with_visits, of("campaign"), BOTH),
    "campaign_focus": Expected(PLANNERS, _editable_family, of("campaign"), BOTH),
    "campaign_launch": Expected(LEADERS, _editable, of("campaign"), BOTH),
    "campaign_close": Expected(LEADERS, _led, of("campaign"), POST),
    "campaign_availability": Expected(
        STAFF,
        _campaign,
        of("campaign"),
        BOTH,
        also=(404,),
        query=(Body({"visitor": "person"}),),
        body=(Body({"shift": "shift"}, _own_evenings),),
    ),
    "campaign_families": Expected(KNOW_FAMILIES, _campaign, of("campaign"), query=(Body({"class": "class"}),)),
    "duty_windows": Expected((*KNOW_FAMILIES, "guardian"), _duty, of("duty"), BOTH),
    "campaign_plan": Expected(PLANNERS, _led_with_visits, of("campaign"), BOTH),
    "plan_run": Expected(PLANNERS, _plan_run, of("plan_run")),
    "plan_progress": Expected(PLANNERS, _plan_run, of("plan_run")),
    "campaign_cancel_plan": Expected(PLANNERS, _plan_run, of("plan_run"), POST),
}
TIMETABLE = {
    "timetable": Expected(
        STAFF,
        _with_timetable,
        of("campaign"),
        query=(
            Body({"cohort": "cohort"}),
            Body({"cohort": "cohort", "view": "=list", "week": "=all"}),
            Body({"cohort": "=all", "show": "=published", "week": "=all"}),
        ),
        hides=WALL,
    ),
    "timetable_publish": Expected(LEADERS, _led, of("campaign"), POST),
    "timetable_excel": Expected(
        PLANNERS, _led_with_visits, of("campaign"), query=(Body({"cohort": "cohort"}),), hides=WALL
    ),
    "timetable_pdf": Expected(
        PLANNERS, _led_with_visits, of("campaign"), query=(Body({"cohort": "cohort"}),), hides=WALL
    ),
    "timetable_appointment": Expected(
        PLANNERS,
        _movable,
        of("appointment"),
        BOTH,
        body=(Body({"shift": "shift", "despite": "=on"}, _own_shift),),
        hides=WALL,
    ),
    "timetable_confirm": Expected(PLANNERS, _movable, of("appointment"), POST),
    "timetable_cancel": Expected(PLANNERS, _movable, of("appointment"), POST),
}
API = {
    "api:api-root": Expected(ANYBODY, early=(404,)),
    "api:plan_run": Expected(PLANNERS, _plan_run, {"run_id": "plan_run"}),
    "api:check_move": Expected(
        KNOW_FAMILIES, _movable_by_phone, of("appointment"), early=(422,), query=(Body(_CELL),), hides=WALL
    ),
    "api:move": Expected(
        KNOW_FAMILIES,
        _movable_by_phone,
        of("appointment"),
        POST,
        early=(422,),
        body=(Body(_CELL, _own_shift),),
        hides=WALL,
    ),
    "api:check_move_trip": Expected(
        KNOW_FAMILIES, _seen_trip, of("trip"), early=(422,), query=(Body(_CELL),), hides=WALL
    ),
    "api:move_trip": Expected(
        KNOW_FAMILIES, _movable_trip, of("trip"), POST, early=(422,), body=(Body(_CELL, _own_trip_shift),), hides=WALL
    ),
}

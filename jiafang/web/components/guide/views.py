"""Pages of the style guide: open while developing, else for an administrator only."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.access.actor import ADMINISTRATOR
from jiafang.web.components.guide import samples
from jiafang.web.components.shapes import Crumb, Job, Tab
from jiafang.web.gate import gate, public

GROUPS = ("parts", "forms", "files", "class", "today", "timetable", "charts")


def _open(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    return public if settings.DEBUG else gate({ADMINISTRATOR}, methods=methods)


@_open("GET")
def look(request: HttpRequest) -> HttpResponse:
    """One group of components a page; `frame=sample` also fills the frame around it with invented data."""
    group = request.GET.get("show", "parts")
    if group not in GROUPS:
        group = "parts"
    names = {
        "parts": _("零件"),
        "forms": _("表单"),
        "files": _("文件与进度"),
        "class": _("我的班级"),
        "today": _("今日家访"),
        "timetable": _("安排表"),
        "charts": _("图与地图"),
    }
    frame = "&frame=sample" if request.GET.get("frame") == "sample" else ""
    context: dict[str, object] = {
        "group": group,
        "groups": [Tab(names[key], f"?show={key}{frame}", active=key == group) for key in GROUPS],
        "trail": [Crumb(_("首页"), "/"), Crumb(_("样式"), reverse("look")), Crumb(names[group])],
        **SAMPLES[group](request),
    }
    if frame:
        context |= samples.frame(group)
    return render(request, f"look/{group}.html", context)


def _parts(request: HttpRequest) -> dict[str, object]:
    return {
        "tones": samples.TONES,
        "coverage_rows": samples.COVERAGE,
        "page": Paginator(range(1240), 50).get_page(request.GET.get("page", 3)),
        "chips": samples.chips(),
    }


def _forms(request: HttpRequest) -> dict[str, object]:
    return {
        "form": samples.VisitForm(),
        "faulty": samples.VisitForm({"finding": "", "phone": "1380013", "channel": "phone"}, auto_id="faulty_%s"),
        "filters": samples.FilterForm(request.GET or None),
    }


def _files(request: HttpRequest) -> dict[str, object]:
    return {"faults": samples.faults(), "job": _job(), "done": samples.done_job(), "failed": samples.failed_job()}


def _class(request: HttpRequest) -> dict[str, object]:
    return {"tiles": samples.tiles()}


def _today(request: HttpRequest) -> dict[str, object]:
    return {"items": samples.agenda(), "map": samples.map_data()}


def _timetable(request: HttpRequest) -> dict[str, object]:
    return {"table": samples.timetable(reverse("look_check"), reverse("look_move"))}


def _charts(request: HttpRequest) -> dict[str, object]:
    return {
        "coverage": samples.COVERAGE_CHART,
        "before_after": samples.BEFORE_AFTER,
        "heat": samples.HEAT,
        "map": samples.map_data(),
    }


SAMPLES = {
    "parts": _parts,
    "forms": _forms,
    "files": _files,
    "class": _class,
    "today": _today,
    "timetable": _timetable,
    "charts": _charts,
}


def _job() -> Job:
    percent = int(time.time() / 2) % 101
    return samples.running_job(reverse("look_job"), percent)


@_open("GET")
def sample_job(request: HttpRequest) -> HttpResponse:
    """The panel of a job that never ends."""
    return render(request, "components/progress_panel_poll.html", {"job": _job()})


@_open("GET")
def sample_check(request: HttpRequest) -> JsonResponse:
    """Thursday has a clash, Friday something to mind, any other evening fits."""
    return JsonResponse(samples.verdict(request.GET.get("evening", "")))


@_open("POST")
def sample_save(request: HttpRequest) -> HttpResponse:
    """Takes a well-filled form and shows the others their faults; nothing is kept."""
    form = samples.VisitForm(request.POST)
    if not form.is_valid():
        context = {"group": "forms", "groups": [], "trail": [], **_forms(request), "form": form}
        return render(request, "look/forms.html", context, status=422)
    messages.success(request, _("已记下(样式页不保存)"))
    return redirect(f"{reverse('look')}?show=class")


@_open("POST")
def sample_move(request: HttpRequest) -> JsonResponse:
    """Says that it moved the trip; nothing is kept."""
    return JsonResponse({"ok": True, "message": _("换好了(样式页不保存)")})

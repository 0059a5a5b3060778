"""Template tags of the look. They are built in: no page has to load them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from functools import cache
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.widgets import DateTimeBaseInput
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jiafang.web.components.icons import CHANNEL_ICONS, ICON_NAMES, TONE_ICONS
from jiafang.web.components.shapes import (
    AgendaItem,
    Choice,
    Crumb,
    Fault,
    Job,
    MapData,
    MapPoint,
    Tab,
    Tile,
    Timetable,
)

register = template.Library()

TONE_LABELS = {
    "met": gettext_lazy("已见"),
    "due": gettext_lazy("待访"),
    "overdue": gettext_lazy("已逾期"),
    "unseen": gettext_lazy("还没联系到"),
    "declined": gettext_lazy("这次先不家访"),
    "info": gettext_lazy("提示"),
    "neutral": "",
}


# The browser's own controls for day and time take these formats only, in every language.
BROWSER_FORMATS = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime-local": "%Y-%m-%dT%H:%M"}


@cache
def _svg(name: str, extra: str = "") -> SafeString:
    # Drawn once: the address of the sprite does not change while the process lives.
    if name not in ICON_NAMES:
        raise ValueError(f"unknown icon: {name}")
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>', extra, static("build/icons.svg"), name
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon of the sprite; the word beside it carries the meaning."""
    return _svg(name)


@register.simple_tag
def channel_icon(channel: str) -> SafeString:
    """The icon of a channel: telephone, voice, video, at home, at school."""
    return _svg(CHANNEL_ICONS.get(channel, "message-circle"))


@register.simple_tag
def state_badge(tone: str, label: str = "") -> SafeString:
    """A state as a word, with a mark and a border of its own besides the color."""
    mark = TONE_ICONS[tone]
    return format_html(
        '<span class="state state-{}">{}<span class="state-word">{}</span></span>',
        tone,
        _svg(mark, " state-mark") if mark else "",
        label or TONE_LABELS[tone],
    )


@register.filter
def thousands(number: int | float | None) -> str:
    """A count with separators: 12,345."""
    return "–" if number is None else f"{number:,}"


@register.simple_tag
def stat(
    label: str, value: object, note: str = "", url: str = "", tone: str = "", unit: str = "", icon: str = ""
) -> SafeString:
    """A tile with one number."""
    shown = f"{value:,}" if isinstance(value, int) else value
    head = format_html(
        '<span class="stat-label">{}{}</span><span class="stat-value">{}{}</span>',
        _svg(icon) if icon else "",
        label,
        shown,
        format_html('<span class="stat-unit">{}</span>', unit) if unit else "",
    )
    tail = format_html('<span class="stat-note">{}</span>', note) if note else ""
    # Nothing overdue is no alarm.
    classes = f"stat stat-{tone}" if tone and value not in (0, "0") else "stat"
    if url:
        return format_html('<a class="{}" href="{}">{}{}</a>', classes, url, head, tail)
    return format_html('<div class="{}">{}{}</div>', classes, head, tail)


@register.simple_tag
def coverage_bar(done: int, total: int, label: str = "", compact: bool = False) -> SafeString:
    """How many of the people to be met have been met: bar, fraction and percentage."""
    percent = 100 * done // total if total else 0
    name = label or _("覆盖率")
    words = _("%(done)s / %(total)s") % {"done": f"{done:,}", "total": f"{total:,}"}
    return format_html(
        '<div class="coverage{}">{}<progress class="coverage-bar" max="{}" value="{}" aria-label="{}">{}%</progress>'
        '<span class="coverage-numbers"><b>{}%</b> <span class="coverage-fraction">{}</span></span></div>',
        " coverage-compact" if compact else "",
        format_html('<span class="coverage-label">{}</span>', label) if label else "",
        total or 1,
        done,
        name,
        percent,
        percent,
        words,
    )


@register.simple_block_tag
def page_header(content: str, title: str, lead: str = "", eyebrow: str = "") -> SafeString:
    """The head of a page; its content is the one primary action, and quieter ones before it."""
    return format_html(
        '<header class="page-head"><div class="page-head-words">{}'
        '<h1 class="page-head-title">{}</h1>{}</div>{}</header>',
        format_html('<p class="page-head-eyebrow">{}</p>', eyebrow) if eyebrow else "",
        title,
        format_html('<p class="page-head-lead">{}</p>', lead) if lead else "",
        format_html('<div class="page-head-actions">{}</div>', content) if content.strip() else "",
    )


@register.simple_block_tag
def panel(content: str, title: str = "", lead: str = "", flush: bool = False, kind: str = "") -> SafeString:
    """A card with a heading; `flush` lets a table or list reach its edges."""
    head = (
        format_html(
            '<div class="panel-head"><h2 class="panel-title">{}</h2>{}</div>',
            title,
            format_html('<p class="panel-lead">{}</p>', lead) if lead else "",
        )
        if title
        else ""
    )
    return format_html(
        '<section class="card panel{}{}">{}<div class="{}">{}</div></section>',
        f" panel-{kind}" if kind else "",
        " panel-flush" if flush else "",
        head,
        "panel-flush-body" if flush else "panel-body",
        content,
    )


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "") -> SafeString:
    """A lasting remark on the page: info, met (good), due (careful), overdue (serious)."""
    return format_html(
        '<div class="notice notice-{}"{}>{}<div class="notice-words">{}{}</div></div>',
        tone,
        SafeString(' role="alert"') if tone == "overdue" else "",
        _svg(TONE_ICONS[tone] or "info-circle"),
        format_html('<p class="notice-title">{}</p>', title) if title else "",
        content,
    )


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(trail: Sequence[Crumb]) -> dict[str, object]:
    """Where this page stands; the last crumb is the page itself and has no link."""
    return {"trail": trail}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Tab], label: str = "") -> dict[str, object]:
    return {"items": items, "label": label or _("分页")}


@register.inclusion_tag("components/choices.html")
def choices(items: Iterable[Choice], label: str) -> dict[str, object]:
    """A row of chips of which one is chosen, each a link."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: str, text: str = "", action_label: str = "", action_url: str = "", icon: str = "mood-smile"
) -> dict[str, str]:
    """Nothing here yet, and what to do next."""
    return {"title": title, "text": text, "action_label": action_label, "action_url": action_url, "icon": icon}


@register.inclusion_tag("components/fault_list.html")
def fault_list(faults: Sequence[Fault], limit: int = 100, download_url: str = "") -> dict[str, object]:
    """Faults of a file, each with its sheet, row and column in words."""
    shown = faults[:limit]
    sheets: dict[str, list[Fault]] = {}
    for fault in shown:
        sheets.setdefault(fault.sheet, []).append(fault)
    return {
        "sheets": list(sheets.items()),
        "count": len(faults),
        "left": len(faults) - len(shown),
        "download_url": download_url,
    }


@register.inclusion_tag("components/progress_panel.html")
def progress_panel(job: Job) -> dict[str, object]:
    """A long job: phase, percentage and time left; it asks for itself again until the job has ended."""
    return {"job": job, "time_left": time_left(job.seconds_left), "live": job.state in ("waiting", "running")}


def time_left(seconds: int | None) -> str:
    """Seconds as people would say them."""
    if seconds is None:
        return ""
    if seconds < 10:
        return _("马上就好")
    if seconds < 90:
        return _("大约还要 %(count)d 秒") % {"count": round(seconds, -1)}
    minutes = round(seconds / 60)
    return ngettext("大约还要 %(count)d 分钟", "大约还要 %(count)d 分钟", minutes) % {"count": minutes}


@register.inclusion_tag("components/class_tiles.html")
def class_tiles(tiles: Sequence[Tile]) -> dict[str, object]:
    """The whole class at a glance, with the count of each state above it."""
    counts = dict.fromkeys(("met", "due", "overdue", "unseen", "declined"), 0)
    for tile in tiles:
        counts[tile.tone] = counts.get(tile.tone, 0) + 1
    marks = {tone: _svg(mark, " state-mark") for tone, mark in TONE_ICONS.items() if mark}
    cells = [(tile, marks.get(tile.tone, ""), TONE_LABELS[tile.tone]) for tile in tiles]
    return {"cells": cells, "counts": [(tone, TONE_LABELS[tone], n) for tone, n in counts.items() if n]}


@register.inclusion_tag("components/agenda_item.html")
def agenda_item(item: AgendaItem) -> dict[str, object]:
    return {"item": item}


@register.inclusion_tag("components/timetable.html", takes_context=True)
def timetable(context: Context, table: Timetable) -> dict[str, object]:
    """Evenings across, visitors down; on a phone a list by evening."""
    return {"table": table, "csrf_token": context.get("csrf_token", "")}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page: Page) -> dict[str, object]:
    """Links to the pages before and after, keeping the filters of the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    kept = query.urlencode()
    return {"page": page, "prefix": f"?{kept}&page=" if kept else "?page="}


@register.simple_block_tag(takes_context=True)
def filter_bar(context: Context, content: str, action: str = "", label: str = "") -> SafeString:
    """A form of the filters of a list; a changed choice is applied at once, a search by its button or Enter."""
    return format_html(
        '<form class="filter-bar" method="get" action="{}" role="search" aria-label="{}" data-autosubmit>{}'
        '<button class="btn btn-outline" type="submit">{}{}</button></form>',
        action or context["request"].path,
        label or _("筛选"),
        content,
        _svg("search"),
        _("查找"),
    )


@register.inclusion_tag("components/field.html")
def field(bound: forms.BoundField, label: str = "", help: str = "", hide_label: bool = False) -> dict[str, object]:
    """Label, control, help and error of one field of a form, kept together."""
    widget = bound.field.widget
    kind = "text"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        kind = "choices"
    elif isinstance(widget, forms.CheckboxInput):
        kind = "check"
    elif isinstance(widget, forms.ClearableFileInput):
        kind = "file"
    elif isinstance(widget, forms.Select):
        kind = "select"
    classes = {"text": "form-control", "select": "form-select", "check": "form-check-input", "file": "form-control"}
    attrs: dict[str, Any] = {}
    if widget.attrs.get("placeholder") == (label or bound.label):
        # A placeholder that repeats the label says nothing and vanishes while typing.
        del widget.attrs["placeholder"]
    if kind != "choices":
        attrs["class"] = f"{widget.attrs.get('class', '')} {classes[kind]}".strip()
        if bound.errors:
            attrs["class"] += " is-invalid"
    if isinstance(widget, DateTimeBaseInput) and widget.input_type in BROWSER_FORMATS:
        widget.format = BROWSER_FORMATS[widget.input_type]
    help_text = help or bound.help_text
    described = [f"{bound.auto_id}_helptext"] if help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    if described and kind != "choices":
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors and kind != "choices":
        attrs["aria-invalid"] = "true"
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attrs),
        "kind": kind,
        "label": label or bound.label,
        "help_text": help_text,
        "described_by": " ".join(described),
        "hide_label": hide_label,
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: forms.BaseForm) -> dict[str, object]:
    """Above a form: what cannot be told at a single field, or that some fields need a look."""
    return {"form": form}


@register.inclusion_tag("components/fields.html")
def fields(form: forms.BaseForm) -> dict[str, object]:
    """All fields of a form, one below the other."""
    return {"form": form}


@register.inclusion_tag("components/drop_zone.html")
def drop_zone(
    name: str = "files",
    label: str = "",
    help: str = "",
    accept: str = "",
    multiple: bool = True,
    errors: Sequence[str] = (),
) -> dict[str, object]:
    """A place to drop or choose files; names and sizes are listed before anything is sent."""
    return {
        "name": name,
        "label": label or _("把文件拖到这里,或点一下选择"),
        "help": help,
        "accept": accept,
        "multiple": multiple,
        "errors": errors,
    }


@register.simple_block_tag
def dialog(content: str, name: str, title: str) -> SafeString:
    """A modal dialog, opened by any button with data-open-dialog="name"."""
    return format_html(
        '<dialog class="dialog" id="{}" aria-labelledby="{}-title"><div class="dialog-head"><h2 id="{}-title">{}</h2>'
        '<button class="btn-icon" type="button" data-close-dialog aria-label="{}">{}</button></div>{}</dialog>',
        name,
        name,
        name,
        title,
        _("关闭"),
        _svg("x"),
        content,
    )


@register.inclusion_tag("components/mini_map.html")
def mini_map(name: str, data: MapData, label: str = "", tall: bool = False) -> dict[str, object]:
    """Schools, villages and stops as points, roads and the trip as lines; the order of stops also as a list."""
    numbered: list[MapPoint] = sorted(
        (point for point in data.points if point.order is not None), key=lambda point: point.order or 0
    )
    return {"name": name, "data": _plain(data), "label": label or _("路线图"), "tall": tall, "numbered": numbered}


@register.inclusion_tag("components/chart.html")
def chart(name: str, kind: str, data: Mapping[str, Any], title: str, lead: str = "") -> dict[str, object]:
    """A chart with the same numbers as a table below it; kinds: coverage, before_after, heat."""
    if kind not in {"coverage", "before_after", "heat"}:
        raise ValueError(f"unknown kind of chart: {kind}")
    head, rows = _chart_table(kind, data)
    return {"name": name, "kind": kind, "data": data, "title": title, "lead": lead, "head": head, "rows": rows}


def _chart_table(kind: str, data: Mapping[str, Any]) -> tuple[list[str], list[list[object]]]:
    if kind == "coverage":
        head = ["", *(series["name"] for series in data["series"])]
        rows = [[label, *(s["values"][i] for s in data["series"])] for i, label in enumerate(data["labels"])]
        return head, rows
    if kind == "before_after":
        return ["", _("之前"), _("之后")], [
            list(row) for row in zip(data["labels"], data["before"], data["after"], strict=True)
        ]
    return ["", *data["columns"]], [[row, *values] for row, values in zip(data["rows"], data["values"], strict=True)]


def _plain(data: object) -> object:
    return asdict(data) if is_dataclass(data) and not isinstance(data, type) else data


@register.simple_tag
def json_block(data: object, name: str) -> SafeString:
    """Data for a script, as a JSON block that is never executed."""
    return json_script(_plain(data), name)

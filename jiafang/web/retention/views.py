"""How long things are kept, what is due next, and what the last runs have removed."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from jiafang.access import scope
from jiafang.access.actor import ADMINISTRATOR
from jiafang.retention.models import PurgeRun
from jiafang.retention.services.rules import KEPT, RULES
from jiafang.web.gate import ActorRequest, gate

PAGE = 15


@gate({ADMINISTRATOR}, permission="retention.watch")
def retention(request: ActorRequest) -> HttpResponse:
    """Counts are those of the last run: the nightly job looks at every row, a page does not."""
    page = Paginator(scope(request.actor, PurgeRun), PAGE).get_page(request.GET.get("page"))
    last = scope(request.actor, PurgeRun).exclude(finished_at=None).first()
    counted = {result["rule"]: result for result in last.results} if last else {}
    rules = [(rule.what, rule.how_long, counted.get(rule.code)) for rule in RULES]
    return render(request, "retention/retention.html", {"page": page, "last": last, "rules": rules, "kept": KEPT})

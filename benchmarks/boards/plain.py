"""The yardstick: 50 cases with their names and how many there are, without scope, counts, audit or components."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from benchmarks.boards.fill import BY
from jiafang.access import reading
from jiafang.care.models import CaseFile


def cases(request: HttpRequest) -> HttpResponse:
    with reading(BY):
        rows = CaseFile.unscoped.exclude(state="closed").order_by("due", "pk")
        rows = rows.values("pk", "state", "due", "person__name", "owner__name", "category__name", "school__name")
        return render(request, "plain/cases.html", {"page": Paginator(rows, 50).get_page(request.GET.get("page"))})


urlpatterns = [path("plain/cases/", cases), path("", include("jiafang.config.urls"))]

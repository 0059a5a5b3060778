"""The addresses of the house, and a few that go wrong in every way."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.urls import path

from jiafang.config.urls import urlpatterns as of_the_house
from jiafang.web.gate import public

CANARY = "CANARY金丝雀13800001111"


@public
def crash(request):
    secret = CANARY
    raise ValueError(f"could not take {secret} {request.POST.get('finding', '')}")


@public
def refuse_row(request):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_user (username, password, is_active, capacity, calendar_token) "
            "VALUES (%s, '', true, '', ''), (%s, '', true, '', '')",
            [CANARY, CANARY],
        )


@public
def forbid(request):
    raise PermissionDenied(CANARY)


@public
def suspect(request):
    raise SuspiciousOperation(CANARY)


urlpatterns = [
    *of_the_house,
    path("faulty/crash/", crash),
    path("faulty/row/", refuse_row),
    path("faulty/forbidden/", forbid),
    path("faulty/suspicious/", suspect),
]

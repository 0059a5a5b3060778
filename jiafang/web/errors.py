"""The one place where an error of the house becomes a page."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from jiafang.common.errors import Conflict, InputFault, JiafangError, NotAllowed, NotReady

STATUS = {InputFault: 422, Conflict: 409, NotReady: 409}


class ErrorMiddleware:
    """Turns a JiafangError that a view did not handle into a page in words; nothing was changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, NotAllowed):
            raise Http404 from error
        if not isinstance(error, JiafangError):
            return None
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        return render(request, "error.html", {"message": error.message}, status=status)

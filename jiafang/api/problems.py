"""The one place where an error of the house becomes problem+json (RFC 9457)."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError

from jiafang.common.errors import Conflict, InputFault, JiafangError, NotAllowed, NotReady

STATUS: dict[type[JiafangError], int] = {InputFault: 422, Conflict: 409, NotReady: 409, NotAllowed: 404}
CONTENT_TYPE = "application/problem+json"


class Problem(Schema):
    """What every answer that is none says."""

    type: str
    title: str
    status: int
    ok: bool
    message: str
    conflicts: list[str]
    place: str | None = None
    places: list[str] | None = None


MAY_FAIL: dict[int, type[Schema]] = dict.fromkeys((401, 403, 404, 409, 422), Problem)


def problem(status: int, title: str, *, conflicts: Sequence[str] = (), **more: Any) -> HttpResponse:
    """An answer that says what is the matter; `conflicts` are the words that the timetable shows."""
    body = {"type": "about:blank", "title": title, "status": status, "ok": False, "message": title}
    body |= {"conflicts": list(conflicts), **more}
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, json_dumps_params={"ensure_ascii": False})


def install(api: NinjaAPI) -> None:
    """Teach the API the errors of the house."""

    @api.exception_handler(JiafangError)
    def of_the_house(request: HttpRequest, error: JiafangError) -> HttpResponse:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        if status == 404:
            return missing()
        place = {"place": error.place} if isinstance(error, InputFault) and error.place else {}
        return problem(status, error.message, conflicts=[error.message], **place)

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
        return missing()

    @api.exception_handler(AuthorizationError)
    @api.exception_handler(AuthenticationError)
    def nobody(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(401, _("请先登录"))

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
        """A change without the token of a page of ours."""
        return problem(error.status_code, _("页面已过期,请刷新后再试"))

    @api.exception_handler(ValidationError)
    def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
        places = [".".join(str(part) for part in fault["loc"]) for fault in error.errors]
        return problem(422, _("请求里有看不懂的内容"), places=places)


def missing() -> HttpResponse:
    """Outside scope and missing look alike."""
    return problem(404, _("没有找到"))

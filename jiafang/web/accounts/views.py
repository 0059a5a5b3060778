"""Choosing the capacity, the language and the size of type."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from jiafang.access.middleware import CAPACITY
from jiafang.accounts.services.activate import activate
from jiafang.accounts.services.preferences import choose_capacity
from jiafang.common.errors import InputFault
from jiafang.web.accounts.forms import ActivationForm
from jiafang.web.accounts.signed_in import device_token
from jiafang.web.gate import ActorRequest, gate, public


@gate(methods=("POST",))
def switch_capacity(request: ActorRequest) -> HttpResponse:
    """Act in another capacity of one's own on this device; the others stay as they are."""
    wanted = request.POST.get("capacity", "")
    if any(a.capacity_key == wanted for a in request.capacities):
        request.session[CAPACITY] = wanted
        choose_capacity(user_id=int(str(request.user.pk)), capacity_key=wanted)
    return redirect("home")


@public
def activate_account(request: HttpRequest) -> HttpResponse:
    """Set the first password with the code that was handed over."""
    form = ActivationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = activate(**form.cleaned_data, device_token=device_token(request))
        except InputFault as fault:
            form.add_error(fault.place, fault.message)
        else:
            # Through the same door as everybody: a new password does not stand in for a second factor.
            response: HttpResponse = perform_login(request, Login(user=user))
            return response
    return render(request, "account/activate.html", {"form": form})


@public
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    response = _back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86400, samesite="Lax", httponly=True)
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else "/")

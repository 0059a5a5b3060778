"""我的设备: where the account is signed in, and signing out from afar."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from jiafang.accounts.services.devices import open_devices, throw_out
from jiafang.web.accounts.second_factor import DeviceRequest
from jiafang.web.gate import gate


@gate()
def device_list(request: DeviceRequest) -> HttpResponse:
    """Every phone and computer on which the account is signed in, this one first."""
    devices = sorted(open_devices(request.user.pk), key=lambda device: device.pk != request.device.pk)
    return render(request, "account/devices.html", {"devices": devices, "here": request.device.pk})


@gate(methods=("POST",))
def device_end(request: DeviceRequest, device_id: int) -> HttpResponse:
    """Sign one other device out."""
    if device_id != request.device.pk and throw_out(user_id=request.user.pk, device_id=device_id):
        messages.success(request, _("那台设备已经退出。"))
    return redirect("device_list")


@gate(methods=("POST",))
def device_end_others(request: DeviceRequest) -> HttpResponse:
    """Sign every other device out."""
    ended = throw_out(user_id=request.user.pk, keep=request.device.pk)
    messages.success(request, _("其他 %(count)s 台设备已经退出。") % {"count": ended})
    return redirect("device_list")

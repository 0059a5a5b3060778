"""The phone app as the browser first gets it: a shell without anybody's data, a manifest, a service worker."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from jiafang.web.gate import public
from jiafang.web.phone import files

GROUND, ACCENT = "#FAF8F5", "#0F766E"


@public
def shell(request: HttpRequest) -> HttpResponse:
    """The same for everybody, so that the service worker may keep it."""
    return HttpResponse(_shell())


def _shell() -> str:
    context = {"script": files.SCRIPT, "styles": files.STYLES, "touch_icon": files.TOUCH_ICON, "ground": GROUND}
    return render_to_string("phone/shell.html", context)


@public
def worker(request: HttpRequest) -> HttpResponse:
    """Another text whenever anything it keeps is another: that is how browsers notice."""
    facts = {
        "version": files.version(_shell().encode()),
        "shell": reverse("phone"),
        "files": files.addresses(),
        "leave": reverse("account_logout"),
        "homes": [reverse("home"), reverse("today")],
    }
    context = {"facts": json.dumps(facts, indent=2), "worker": static(files.WORKER)}
    return render(request, "phone/sw.js", context, content_type="text/javascript; charset=utf-8")


@public
def manifest(request: HttpRequest) -> HttpResponse:
    """What the browser puts on the home screen."""
    icons = [
        {"src": static(name), "sizes": sizes, "type": content_type, "purpose": purpose}
        for name, sizes, content_type, purpose in files.ICONS
    ]
    about = {
        "id": reverse("phone"),
        "name": _("佳访"),
        "short_name": _("佳访"),
        "description": _("家访记录,没有网也能记"),
        "lang": request.LANGUAGE_CODE,
        "start_url": reverse("phone"),
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": ACCENT,
        "icons": icons,
    }
    return JsonResponse(about, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})

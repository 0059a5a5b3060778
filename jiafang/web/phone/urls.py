from django.urls import path

from jiafang.web.phone import views

urlpatterns = [
    path("phone/", views.shell, name="phone"),
    path("phone/manifest.webmanifest", views.manifest, name="phone_manifest"),
    # At the root, so that its scope is the whole house: it also leads there from the first page without a line.
    path("sw.js", views.worker, name="phone_worker"),
]

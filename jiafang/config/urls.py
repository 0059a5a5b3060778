"""Every address of the house; each web app holds its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiafang.web.home.urls")),
    path("", include("jiafang.web.accounts.urls")),
    path("", include("jiafang.web.organization.urls")),
    path("look/", include("jiafang.web.components.guide.urls")),
]

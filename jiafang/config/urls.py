"""Every address of the house; each web app holds its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("jiafang.web.home.urls")),
    path("", include("jiafang.web.accounts.urls")),
    path("", include("jiafang.web.organization.urls")),
    path("", include("jiafang.web.roster.urls")),
    path("", include("jiafang.web.visits.urls")),
    path("", include("jiafang.web.care.urls")),
    path("", include("jiafang.web.phone.urls")),
    path("", include("jiafang.web.attachments.urls")),
    path("", include("jiafang.web.questions.urls")),
    path("", include("jiafang.web.held.urls")),
    path("", include("jiafang.web.family.urls")),
    path("", include("jiafang.web.insight.urls")),
    path("", include("jiafang.web.calendar.urls")),
    path("", include("jiafang.web.opened.urls")),
    path("", include("jiafang.web.notifications.urls")),
    path("", include("jiafang.web.sealed.urls")),
    path("", include("jiafang.web.signs.urls")),
    path("", include("jiafang.web.retention.urls")),
    path("", include("jiafang.web.campaigns.urls")),
    path("", include("jiafang.web.timetable.urls")),
    path("api/", include("jiafang.api.urls")),
    path("look/", include("jiafang.web.components.guide.urls")),
]

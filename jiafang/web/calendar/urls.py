from django.urls import path

from jiafang.web.calendar import views

urlpatterns = [
    path("calendar/", views.calendar_subscribe, name="calendar_subscribe"),
    path("calendar/<str:token>.ics", views.calendar_feed, name="calendar_feed"),
]

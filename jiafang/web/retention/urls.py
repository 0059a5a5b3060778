from django.urls import path

from jiafang.web.retention import views

urlpatterns = [path("retention/", views.retention, name="retention")]

from django.urls import path

from jiafang.web.opened import views

urlpatterns = [path("people/<int:pk>/opened/", views.opened, name="opened")]

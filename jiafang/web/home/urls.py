from django.urls import path

from jiafang.web.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("alive/", views.alive, name="alive"),
]

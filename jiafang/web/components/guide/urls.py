from django.urls import path

from jiafang.web.components.guide import views

urlpatterns = [
    path("", views.look, name="look"),
    path("job/", views.sample_job, name="look_job"),
    path("check/", views.sample_check, name="look_check"),
    path("save/", views.sample_save, name="look_save"),
    path("move/", views.sample_move, name="look_move"),
]

from django.urls import path

from jiafang.web.sealed import views

urlpatterns = [
    path("report/", views.mandatory_report, name="mandatory_report"),
    path("report/readers/", views.standing, name="sealed_standing"),
    path("report/readers/<int:pk>/end/", views.standing_end, name="sealed_standing_end"),
    path("report/<int:pk>/", views.sealed_report, name="sealed_report"),
    path("report/<int:pk>/reader/", views.sealed_reader, name="sealed_reader"),
]

from django.urls import path

from jiafang.web.family import views

urlpatterns = [
    path("family/", views.family, name="family"),
    path("family/appointments/<int:pk>/", views.family_appointment, name="family_appointment"),
    path("family/duties/<int:pk>/reopen/", views.family_reopen, name="family_reopen"),
]

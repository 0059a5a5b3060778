from django.urls import path

from jiafang.web.family import data_views, views

urlpatterns = [
    path("family/", views.family, name="family"),
    path("family/appointments/<int:pk>/", views.family_appointment, name="family_appointment"),
    path("children/", data_views.family_data, name="family_data"),
    path("children/<int:pk>/file/", data_views.family_file, name="family_file"),
    path("family/duties/<int:pk>/reopen/", views.family_reopen, name="family_reopen"),
]

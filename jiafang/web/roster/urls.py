from django.urls import path

from jiafang.web.roster import views
from jiafang.web.roster.mapping_views import roster_columns

urlpatterns = [
    path("roster/", views.roster_list, name="roster_list"),
    path("roster/template/", views.roster_template, name="roster_template"),
    path("roster/new/", views.roster_upload, name="roster_upload"),
    path("roster/<int:pk>/", views.roster_import, name="roster_import"),
    path("roster/<int:pk>/progress/", views.roster_progress, name="roster_progress"),
    path("roster/<int:pk>/columns/", roster_columns, name="roster_columns"),
    path("roster/<int:pk>/faults/", views.roster_faults, name="roster_faults"),
    path("roster/<int:pk>/changes/<slug:group>/<slug:change>/", views.roster_changes, name="roster_changes"),
    path("roster/<int:pk>/choose/", views.roster_choose, name="roster_choose"),
    path("roster/<int:pk>/confirm/", views.roster_confirm, name="roster_confirm"),
    path("roster/<int:pk>/abandon/", views.roster_abandon, name="roster_abandon"),
    path("roster/<int:pk>/marked/", views.roster_marked, name="roster_marked"),
]

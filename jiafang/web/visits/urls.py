from django.urls import path

from jiafang.web.visits import class_views, record_views, views

urlpatterns = [
    path("today/", views.today, name="today"),
    path("appointments/<int:pk>/brief/", views.brief, name="brief"),
    path("appointments/<int:pk>/arranged/", views.arranged, name="arranged"),
    path("appointments/<int:pk>/moved/", views.moved, name="moved"),
    path("appointments/<int:pk>/missed/", views.missed, name="missed"),
    path("appointments/<int:pk>/called-off/", views.called_off, name="called_off"),
    path("appointments/<int:pk>/declined/", views.declined, name="declined"),
    path("appointments/<int:pk>/record/", record_views.record, name="record"),
    path("record/", record_views.record_unplanned, name="record_unplanned"),
    path("visits/<uuid:pk>/", record_views.visit, name="visit"),
    path("visits/<uuid:pk>/edit/", record_views.visit_edit, name="visit_edit"),
    path("my-class/", class_views.my_class, name="my_class"),
    path("classes/<int:pk>/tiles/", class_views.class_tiles, name="class_tiles"),
    path("students/<int:pk>/", class_views.student_sheet, name="student_sheet"),
]

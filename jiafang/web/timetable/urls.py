from django.urls import path

from jiafang.web.timetable import views

urlpatterns = [
    path("campaigns/<int:pk>/timetable/", views.timetable, name="timetable"),
    path("campaigns/<int:pk>/timetable/publish/", views.timetable_publish, name="timetable_publish"),
    path("campaigns/<int:pk>/timetable/excel/", views.timetable_excel, name="timetable_excel"),
    path("campaigns/<int:pk>/timetable/pdf/", views.timetable_pdf, name="timetable_pdf"),
    path("timetable/appointments/<int:pk>/", views.timetable_appointment, name="timetable_appointment"),
    path("timetable/appointments/<int:pk>/confirm/", views.timetable_confirm, name="timetable_confirm"),
    path("timetable/appointments/<int:pk>/cancel/", views.timetable_cancel, name="timetable_cancel"),
]

from django.urls import path

from jiafang.web.care import timeline_views, tool_views

urlpatterns = [
    path("cases/<int:pk>/tick/", tool_views.case_tick, name="case_tick"),
    path("cases/<int:pk>/tier/", tool_views.case_tier, name="case_tier"),
    path("cases/<int:pk>/measure/", tool_views.case_measure, name="case_measure"),
    path("cases/<int:pk>/track/", tool_views.case_track, name="case_track"),
    path("cases/<int:pk>/timeline/", timeline_views.case_timeline, name="case_timeline"),
    path("cases/<int:pk>/plan.pdf", timeline_views.case_plan_pdf, name="case_plan_pdf"),
]

from django.urls import path

from jiafang.web.care import case_views, own_views, raise_views, resource_views, table_views, timeline_views, tool_views

urlpatterns = [
    path("cases/new/", raise_views.case_raise, name="case_raise"),
    path("cases/own/", own_views.own_cases_list, name="own_cases"),
    path("cases/<int:pk>/", case_views.case, name="case"),
    path("cases/<int:pk>/say/", case_views.case_say, name="case_say"),
    path("cases/<int:pk>/read/", case_views.case_read, name="case_read"),
    path("cases/<int:pk>/tick/", tool_views.case_tick, name="case_tick"),
    path("cases/<int:pk>/tier/", tool_views.case_tier, name="case_tier"),
    path("cases/<int:pk>/measure/", tool_views.case_measure, name="case_measure"),
    path("cases/<int:pk>/track/", tool_views.case_track, name="case_track"),
    path("cases/<int:pk>/timeline/", timeline_views.case_timeline, name="case_timeline"),
    path("cases/<int:pk>/plan.pdf", timeline_views.case_plan_pdf, name="case_plan_pdf"),
    path("resources/", resource_views.resource_list, name="resources"),
    path("resources/new/", resource_views.resource_new, name="resource_new"),
    path("resources/<int:pk>/", resource_views.resource_edit, name="resource_edit"),
    path("care/tables/", table_views.care_tables, name="care_tables"),
    path("care/tables/categories/new/", table_views.care_category_new, name="care_category_new"),
    path("care/tables/categories/<int:pk>/", table_views.care_category, name="care_category"),
    path("care/tables/sections/new/", table_views.care_section_new, name="care_section_new"),
    path("care/tables/sections/<int:pk>/", table_views.care_section, name="care_section"),
    path("care/tables/sections/<int:pk>/members/", table_views.care_member_add, name="care_member_add"),
    path("care/tables/members/<int:pk>/end/", table_views.care_member_end, name="care_member_end"),
]

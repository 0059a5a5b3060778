from django.urls import path

from jiafang.web.campaigns.views import availability, listing, plan, setup

urlpatterns = [
    path("campaigns/", listing.campaign_list, name="campaign_list"),
    path("campaigns/new/", setup.campaign_new, name="campaign_new"),
    path("campaigns/<int:pk>/", listing.campaign, name="campaign"),
    path("campaigns/<int:pk>/basis/", listing.campaign_basis, name="campaign_basis"),
    path("campaigns/<int:pk>/edit/", setup.campaign_edit, name="campaign_edit"),
    path("campaigns/<int:pk>/rules/", setup.campaign_rules, name="campaign_rules"),
    path("campaigns/<int:pk>/focus/", setup.campaign_focus, name="campaign_focus"),
    path("campaigns/<int:pk>/launch/", setup.campaign_launch, name="campaign_launch"),
    path("campaigns/<int:pk>/close/", listing.campaign_close, name="campaign_close"),
    path("campaigns/<int:pk>/availability/", availability.campaign_availability, name="campaign_availability"),
    path("campaigns/<int:pk>/families/", availability.campaign_families, name="campaign_families"),
    path("duties/<int:pk>/windows/", availability.duty_windows, name="duty_windows"),
    path("campaigns/<int:pk>/plan/", plan.campaign_plan, name="campaign_plan"),
    path("plan-runs/<int:pk>/", plan.plan_run, name="plan_run"),
    path("plan-runs/<int:pk>/progress/", plan.plan_progress, name="plan_progress"),
    path("plan-runs/<int:pk>/cancel/", plan.campaign_cancel_plan, name="campaign_cancel_plan"),
]

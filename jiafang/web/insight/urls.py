from django.urls import path

from jiafang.web.insight import views

urlpatterns = [
    path("overview/", views.overview, name="overview"),
    path("overview/<str:tier>/", views.overview_tier, name="overview_tier"),
    path("overview/<str:tier>/schools/<int:pk>/", views.overview_school, name="overview_school"),
    path("unseen/", views.unseen_list, name="unseen"),
]

from django.urls import path

from jiafang.web.signs import views

urlpatterns = [
    path("signs/", views.early_signs, name="early_signs"),
    path("signs/<int:pk>/decide/", views.decide, name="sign_decide"),
    path("signs/rules/", views.sign_rules, name="sign_rules"),
    path("signs/rules/<int:pk>/", views.sign_rule, name="sign_rule"),
]

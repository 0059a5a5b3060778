from allauth.account import views as allauth_views
from django.urls import path

from jiafang.web.accounts import confirm, views
from jiafang.web.gate import public

urlpatterns = [
    path("accounts/login/", public(allauth_views.login), name="account_login"),
    path("accounts/logout/", public(allauth_views.logout), name="account_logout"),
    path("accounts/password/", public(allauth_views.password_change), name="account_change_password"),
    path("accounts/inactive/", public(allauth_views.account_inactive), name="account_inactive"),
    path("accounts/signup/", public(allauth_views.signup), name="account_signup"),
    path("accounts/activate/", views.activate_account, name="account_activate"),
    path("accounts/confirm/", confirm.confirm, name="account_confirm"),
    path("capacity/", views.switch_capacity, name="switch_capacity"),
    path("language/", views.switch_language, name="switch_language"),
]

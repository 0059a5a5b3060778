from allauth.account import views as allauth_views
from django.urls import path

from jiafang.web.accounts import confirm, devices, second_factor, views
from jiafang.web.gate import public

urlpatterns = [
    path("accounts/login/", public(allauth_views.login), name="account_login"),
    path("accounts/logout/", public(allauth_views.logout), name="account_logout"),
    path("accounts/password/", public(allauth_views.password_change), name="account_change_password"),
    path("accounts/inactive/", public(allauth_views.account_inactive), name="account_inactive"),
    path("accounts/signup/", public(allauth_views.signup), name="account_signup"),
    path("accounts/activate/", views.activate_account, name="account_activate"),
    path("accounts/second/", public(second_factor.show_second_factor), name="mfa_authenticate"),
    path("accounts/protection/", second_factor.second_factor, name="second_factor"),
    path("accounts/protection/app/", second_factor.second_factor_app, name="second_factor_app"),
    path("accounts/protection/passkey/", second_factor.second_factor_passkey, name="second_factor_passkey"),
    path(
        "accounts/protection/passkey/options/",
        second_factor.second_factor_passkey_options,
        name="second_factor_passkey_options",
    ),
    path("accounts/protection/paper/", second_factor.second_factor_paper, name="second_factor_paper"),
    path(
        "accounts/protection/<int:factor_id>/remove/", second_factor.second_factor_remove, name="second_factor_remove"
    ),
    path("accounts/devices/", devices.device_list, name="device_list"),
    path("accounts/devices/others/end/", devices.device_end_others, name="device_end_others"),
    path("accounts/devices/<int:device_id>/end/", devices.device_end, name="device_end"),
    path("accounts/confirm/passkey/", confirm.confirm_passkey_options, name="account_confirm_passkey_options"),
    path("accounts/confirm/", confirm.confirm, name="account_confirm"),
    path("capacity/", views.switch_capacity, name="switch_capacity"),
    path("language/", views.switch_language, name="switch_language"),
]

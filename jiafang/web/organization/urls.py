from django.urls import path

from jiafang.web.organization import account_views, correction_views, pairing_views, unit_views, views

urlpatterns = [
    path("people/", views.people_list, name="people_list"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/edit/", views.person_edit, name="person_edit"),
    path("people/<int:pk>/household/", views.household_edit, name="household_edit"),
    path("people/<int:pk>/move/", views.person_move, name="person_move"),
    path("people/<int:pk>/account/", account_views.person_account_open, name="person_account_open"),
    path("people/<int:pk>/account/close/", account_views.person_account_close, name="person_account_close"),
    path("people/<int:pk>/account/reset/", account_views.person_account_reset, name="person_account_reset"),
    path("guardianships/<int:pk>/revoke/", views.guardianship_revoke, name="guardianship_revoke"),
    path("guardianships/<int:pk>/restore/", views.guardianship_restore, name="guardianship_restore"),
    path("schools/", unit_views.school_list, name="school_list"),
    path("schools/<int:pk>/", unit_views.school, name="school"),
    path("schools/<int:pk>/edit/", unit_views.school_edit, name="school_edit"),
    path("schools/<int:pk>/pair/", unit_views.school_pair, name="school_pair"),
    path("schools/<int:pk>/accounts/", account_views.school_accounts_open, name="school_accounts_open"),
    path("pairings/", pairing_views.pairing_list, name="pairing_list"),
    path("pairings/<int:pk>/end/", unit_views.pairing_end, name="pairing_end"),
    path("classes/<int:pk>/", unit_views.school_class, name="class"),
    path("classes/<int:pk>/homeroom/", unit_views.class_homeroom, name="class_homeroom"),
    path("corrections/", correction_views.correction_list, name="correction_list"),
    path("corrections/<int:pk>/answer/", correction_views.correction_answer, name="correction_answer"),
    path("villages/", unit_views.village_list, name="village_list"),
    path("villages/<int:pk>/", unit_views.village_edit, name="village_edit"),
]

from django.urls import path

from jiafang.web.held import views

urlpatterns = [
    path("held/", views.held_list, name="held_list"),
    path("held/<int:pk>/", views.held_item, name="held_item"),
    path("held/<int:pk>/again/", views.held_again, name="held_again"),
    path("held/<int:pk>/dismiss/", views.held_dismiss, name="held_dismiss"),
    path("held/<int:pk>/merge/", views.held_merge, name="held_merge"),
    path("held/<int:pk>/correct/", views.held_correct, name="held_correct"),
    path("held/<int:pk>/accept/", views.held_accept, name="held_accept"),
    path("held/<int:pk>/leave/", views.held_leave, name="held_leave"),
]

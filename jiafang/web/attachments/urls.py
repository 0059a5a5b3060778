from django.urls import path

from jiafang.web.attachments import views

urlpatterns = [
    path("visits/<uuid:pk>/attachments/", views.attachment_add, name="attachment_add"),
    path("attachments/<uuid:pk>/", views.attachment, name="attachment"),
    path("attachments/<uuid:pk>/remove/", views.attachment_remove, name="attachment_remove"),
]

from django.urls import path

from jiafang.web.questions import views

urlpatterns = [
    path("questions/", views.question_list, name="question_list"),
    path("questions/add/", views.question_add, name="question_add"),
    path("questions/example/", views.question_example, name="question_example"),
    path("questions/<int:pk>/", views.question_set, name="question_set"),
    path("questions/<int:pk>/publish/", views.question_publish, name="question_publish"),
    path("questions/<int:pk>/retire/", views.question_retire, name="question_retire"),
    path("questions/<int:pk>/discard/", views.question_discard, name="question_discard"),
]

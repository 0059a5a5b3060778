"""The addresses of the API. It has no page of its own and describes itself to nobody."""

from django.urls import path

from jiafang.api import phone, plans, problems, timetable
from jiafang.api.described import DescribedAPI
from jiafang.api.session import SessionActor

api = DescribedAPI(
    title="Jiafang", urls_namespace="api", docs_url=None, openapi_url=None, auth=SessionActor(), version="1"
)
problems.install(api)
api.add_router("", plans.router)
api.add_router("", timetable.router)
api.add_router("", phone.router)

urlpatterns = [path("", api.urls)]

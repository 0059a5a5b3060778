"""The API's description of itself, for the tests that hold it to its word."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from jiafang.api.problems import CONTENT_TYPE


class DescribedAPI(NinjaAPI):
    """Says of its faults that they are problem+json, as they are."""

    def get_openapi_schema(self, **told: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**told)
        for operations in described["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        answer["content"] = {CONTENT_TYPE: next(iter(answer["content"].values()))}
        return described

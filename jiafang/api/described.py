"""The API's description of itself, for the tests that hold it to its word."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from jiafang.api.problems import CONTENT_TYPE

PROBLEM = {"$ref": "#/components/schemas/Problem"}


class DescribedAPI(NinjaAPI):
    """Says of its faults that they are problem+json, as they are; some answers of phones are something else as well."""

    def get_openapi_schema(self, **told: Any) -> OpenAPISchema:
        described = super().get_openapi_schema(**told)
        for operations in described["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        own = next(iter(answer["content"].values()))
                        fault = own["schema"]["$ref"].endswith("/Problem")
                        answer["content"] = {CONTENT_TYPE: own if fault else {"schema": PROBLEM}}
                        answer["content"] |= {} if fault else {"application/json": own}
        return described

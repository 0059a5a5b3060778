"""How many queries a page costs."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def query_count(call: Callable[[], object]) -> int:
    connection.queries_log.clear()  # once its thousands of lines are full it grows no more
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)

"""How the pages are served: `gunicorn -c python:jiafang.config.gunicorn`."""

import os
from typing import Any

from gunicorn.glogging import Logger

from jiafang.common.quiet_log import QuietFormatter, address_alone

wsgi_app = "jiafang.config.wsgi:application"
bind = "127.0.0.1:8000"
workers = 3
worker_class = "gthread"
threads = 8
# Of the threads one works for phones: the others answer pages, whoever comes home at once.
os.environ.setdefault("JIAFANG_PHONES_AT_ONCE", "1")
accesslog = "-"
access_log_format = "%(h)s %(t)s %(m)s %(U)s %(s)s %(b)s %(L)ss"


class AccessLogger(Logger):
    """An access log of paths alone, whatever format somebody asks for."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(QuietFormatter(self.error_fmt, self.datefmt))

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        quiet = {name: address_alone(value) if isinstance(value, str) else value for name, value in atoms.items()}
        # Headers and variables of the request may carry anything.
        kept = {name: value for name, value in quiet.items() if not name.startswith("{")}
        return kept | {"q": "", "f": "-"}


logger_class = AccessLogger

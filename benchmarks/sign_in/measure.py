"""The measured part: accounts of teachers, gunicorn with two workers, browsers that sign in and see a page."""

from __future__ import annotations

import http.cookiejar
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

PASSWORD = "linshui-4821"


def main(people: int, at_once: int) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiafang.config.settings")
    django.setup()
    names = _accounts(people)
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "jiafang.config.wsgi:application", "--bind", f"127.0.0.1:{port}",
         "--workers", "2", "--worker-class", "gthread", "--threads", "4", "--log-level", "error"]
    )  # fmt: skip
    try:
        _wait_for(port)
        began = time.monotonic()
        with ThreadPoolExecutor(at_once) as pool:
            took = list(pool.map(lambda name: _sign_in(port, name), names))
        whole = time.monotonic() - began
    finally:
        server.terminate()
        server.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{people} sign-ins from one address, {at_once} at once: {whole:.1f} s; each {statistics.median(took):.1f} s"
        f" in the middle, {max(took):.2f} s at worst; {(used.ru_utime + used.ru_stime) / people * 1000:.0f} ms of"
        f" processor each (server); {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )


def _accounts(people: int) -> list[str]:
    from django.contrib.auth.hashers import make_password

    from jiafang.accounts.models import User

    hashed = make_password(PASSWORD)
    names = [f"teacher{number}" for number in range(people)]
    User.objects.bulk_create(User(username=name, password=hashed) for name in names)
    return names


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=20).read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _sign_in(port: int, name: str) -> float:
    """The sign-in page, the password, the page after it; seconds of all three."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/accounts/login/"
    began = time.monotonic()
    browser.open(address, timeout=60).read()
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    form = urllib.parse.urlencode({"login": name, "password": PASSWORD, "csrfmiddlewaretoken": token})
    answer = browser.open(address, form.encode(), timeout=60)
    answer.read()
    if not any(cookie.name == "sessionid" for cookie in jar) or "login" in answer.url:
        raise RuntimeError(f"{name} did not get in: {answer.url}")
    return time.monotonic() - began


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

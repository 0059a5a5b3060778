"""What every answer says to the browser, whoever makes it."""

import json
import os
import re
import subprocess
import sys
import uuid

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from jiafang.config.addresses import addresses
from scripts.machine import CHECKOUT
from tests.factories import organization as make
from tests.headers.faulty import CANARY

pytestmark = pytest.mark.django_db(transaction=True)

FAULTY = override_settings(ROOT_URLCONF="tests.headers.faulty")
SAMPLES = {
    "IntConverter": 999_999_999,
    "StringConverter": "nothing",
    "SlugConverter": "nothing",
    "UUIDConverter": uuid.UUID(int=7),
}
EXACTLY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DIRECTIVES = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}


def check(response, about, *, static=False):
    for name, value in EXACTLY.items():
        assert response.headers.get(name) == value, f"{about}: {name}: {response.headers.get(name)}"
    assert "geolocation=()" in response.headers["Permissions-Policy"], about
    policy = response.headers["Content-Security-Policy"]
    directives = {part.strip() for part in policy.split(";")}
    if "sandbox" in directives:
        assert "default-src 'none'" in directives, about
    else:
        assert directives >= DIRECTIVES, f"{about}: {policy}"
    assert "unsafe" not in policy, about
    assert "report" not in policy, about
    assert not re.search(r"https?:|\*", policy), about
    if not static:
        assert "no-store" in response.headers["Cache-Control"], about


def address_of(one):
    return reverse(one.name, kwargs={name: SAMPLES[kind] for name, kind in one.parameters})


@pytest.mark.parametrize("who", ["nobody", "administrator", "principal", "guardian"])
def test_every_address_carries_every_header(who):
    client = Client(raise_request_exception=False)
    if who in ("administrator",):
        make.sign_in(client, make.bureau_post(who))
    elif who == "principal":
        make.sign_in(client, make.school_post(who, make.SchoolFactory()))
    elif who == "guardian":
        make.sign_in(client, make.guardian_of(make.student(make.SchoolClassFactory())))
    seen = 0
    for one in addresses():
        if not one.name:
            continue
        for method in ("get", "post", "options"):
            response = getattr(client, method)(address_of(one))
            check(response, f"{who} {method} {one.pattern} {response.status_code}")
            seen += 1
            if one.name == "account_logout":
                break
    assert seen > 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing/here/", 404),
        ("/people", 301),
        ("/faulty/crash/", 500),
        ("/faulty/row/", 500),
        ("/faulty/forbidden/", 403),
        ("/faulty/suspicious/", 400),
        ("/api/nothing", 404),
        ("/api/plan-runs/1", 401),
    ],
)
@FAULTY
def test_every_fault_carries_every_header_and_nothing_else(path, status):
    client = Client(raise_request_exception=False)
    response = client.post(path, {"finding": CANARY}) if status == 500 else client.get(path)
    assert response.status_code == status
    check(response, path)
    said = response.content.decode()
    assert CANARY not in said
    assert "ValueError" not in said
    assert "Traceback" not in said


def test_a_wrong_host_and_a_missing_token_carry_every_header():
    check(Client().get("/", headers={"host": "evil.example"}), "host")
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("account_login"), {"login": "x", "password": CANARY})
    assert answer.status_code == 403
    assert CANARY not in answer.content.decode()
    check(answer, "csrf")


@override_settings(WHITENOISE_USE_FINDERS=True, WHITENOISE_AUTOREFRESH=True)
def test_files_of_the_front_end_carry_every_header():
    response = Client().get("/static/favicon.svg")
    assert response.status_code == 200
    assert b"<svg" in b"".join(response.streaming_content)
    check(response, "static", static=True)
    check(Client().get("/static/nothing.js"), "static", static=True)


def test_https_is_kept_once_it_is_there():
    production = {
        "DATABASE_URL": "postgresql://jiafang_app:x@127.0.0.1:1/none",
        "JIAFANG_SECRET_KEY": "kZ3v" * 4 + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
        "JIAFANG_MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "JIAFANG_HASH_KEY": "MjEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "JIAFANG_AUDIT_KEY": "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "JIAFANG_HOSTS": "jiafang.example",
        "JIAFANG_ORIGINS": "https://jiafang.example",
        "DJANGO_SETTINGS_MODULE": "jiafang.config.settings",
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
    }
    program = """
import json, django
from django.core.management import call_command
django.setup()
call_command("check", deploy=True, fail_level="WARNING")
from django.test import Client
answer = Client().get("/alive/", secure=True, headers={"host": "jiafang.example"})
plain = Client().get("/nothing/", headers={"host": "jiafang.example"})
print(json.dumps([answer["Strict-Transport-Security"], plain.status_code, plain["Location"]]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=production, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told == ["max-age=31536000; includeSubDomains", 301, "https://jiafang.example/nothing/"]

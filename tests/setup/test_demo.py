"""`jiafang demo` as the person at the keyboard meets it."""

import os
import socket
import subprocess
import sys

import pytest

from jiafang import localdb


def _demo(port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jiafang", "demo"],
        env=os.environ | {"PORT": port},
        cwd=localdb.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_that_is_taken_is_told_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _demo(str(port))
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in done.stderr
    assert "make demo" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "８０００"])
def test_what_is_no_port_is_refused_in_words(port: str) -> None:
    done = _demo(port)
    assert (done.returncode, done.stderr) == (2, f"jiafang demo: PORT={port} is not a port (1 to 65535).\n")

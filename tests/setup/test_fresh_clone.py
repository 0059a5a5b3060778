"""A fresh clone, a clean home and two minutes: `make demo` as a newcomer meets it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiafang import localdb

PORT = "8791"
pytestmark = pytest.mark.nightly


@pytest.fixture
def clone() -> Iterator[Path]:
    """A clone in a folder that only its owner may enter, with a space in its path."""
    folder = Path(tempfile.mkdtemp(prefix="a clone "))
    (folder / "home").mkdir()
    subprocess.run(["git", "clone", "--quiet", localdb.CHECKOUT, folder / "jiafang"], check=True)
    yield folder / "jiafang"
    subprocess.run(["make", "clean"], cwd=folder / "jiafang", env=_environment(folder / "jiafang"), check=False)
    shutil.rmtree(folder)


def _environment(clone: Path) -> dict[str, str]:
    certificates = {name: value for name, value in os.environ.items() if name.startswith(("SSL_CERT", "PIP_"))}
    return certificates | {"PATH": os.environ["PATH"], "HOME": str(clone.parent / "home"), "PORT": PORT}


def _start(clone: Path) -> tuple[subprocess.Popen[str], float]:
    """`make demo`, and the seconds until its first page was served."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["make", "demo"], cwd=clone, env=_environment(clone), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "Ctrl-C" in line:
            break
    else:
        pytest.fail("".join(said))
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/") as page:
        assert page.status == 200
    return process, time.monotonic() - began


def _left_behind(clone: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "stat=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(clone) in line and not line.startswith("Z")]


def test_a_newcomer_sees_the_first_page_and_leaves_nothing_running(clone: Path) -> None:
    mode = clone.parent.stat().st_mode
    process, first = _start(clone)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert _left_behind(clone) == []
    process, second = _start(clone)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    assert _left_behind(clone) == []
    assert first <= 180
    assert second <= 15
    assert clone.parent.stat().st_mode == mode

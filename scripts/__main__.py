"""`python -m scripts TASK`: what the Makefile's targets do."""

import os
import shutil
import sys
from collections.abc import Callable

from scripts import advisories, checks, chromium, front_end, machine, python_packages
from scripts.machine import CHECKOUT, LOCAL, VENV, VENV_PYTHON, SetupError, say


def set_up() -> None:
    """Everything that the program needs to run."""
    LOCAL.mkdir(exist_ok=True)
    python_packages.install()
    front_end.build()
    _compile_messages()
    _collect_static_files()


def _compile_messages() -> None:
    catalogs = sorted((CHECKOUT / "jiafang" / "locale").glob("*/LC_MESSAGES/*.po"))
    digest = machine.digest_of(catalogs)
    if machine.is_done("messages", digest) and all(path.with_suffix(".mo").is_file() for path in catalogs):
        return
    for path in catalogs:
        machine.run(
            [VENV_PYTHON, "-m", "babel.messages.frontend", "-q", "compile", "-i", path, "-o", path.with_suffix(".mo")]
        )
    machine.mark_done("messages", digest)


def _collect_static_files() -> None:
    files = [path for path in (CHECKOUT / "jiafang").glob("**/static/**/*") if path.is_file()]
    digest = machine.digest_of([*files, CHECKOUT / "uv.lock", CHECKOUT / "jiafang/config/settings.py"])
    if machine.is_done("static", digest) and (LOCAL / "static" / "staticfiles.json").is_file():
        return
    say("Collecting static files")
    machine.run([VENV_PYTHON, "-m", "jiafang", "collectstatic", "--noinput", "--verbosity", "0"])
    machine.mark_done("static", digest)


def setup() -> int:
    set_up()
    say("Ready: .venv/bin/jiafang, or `make demo`")
    return 0


def demo() -> int:
    set_up()
    return _become("jiafang", "demo")


def demo_reset() -> int:
    set_up()
    machine.run([VENV_PYTHON, "-m", "jiafang.localdb", "remove"])
    say("The demonstration is gone; `make demo` builds a new one")
    return 0


def test() -> int:
    set_up()
    chromium.provide()
    return checks.run_all()


def nightly() -> int:
    set_up()
    chromium.provide()
    known = advisories.check()
    ended = [checks.run_tests("-m", "nightly"), checks.run_nights()]
    return max(ended) or known


def check_advisories() -> int:
    set_up()
    return advisories.check()


def screenshots() -> int:
    set_up()
    chromium.provide()
    return _become("tests.browser.screenshots")


def clean() -> int:
    """Remove everything that the other tasks made, the local database and its data included."""
    if VENV_PYTHON.exists():
        machine.run([VENV_PYTHON, "-m", "jiafang.localdb", "remove"])
    for folder in (VENV, LOCAL, front_end.MODULES, front_end.BUNDLE):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _become(module: str, *arguments: str) -> int:
    """Turn this process into the program, so that a signal to it reaches the program."""
    sys.stdout.flush()
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", module, *arguments])


TASKS: dict[str, Callable[[], int]] = {
    "setup": setup,
    "demo": demo,
    "demo-reset": demo_reset,
    "test": test,
    "nightly": nightly,
    "advisories": check_advisories,
    "screenshots": screenshots,
    "clean": clean,
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in TASKS:
        print(f"Usage: make {'|'.join(TASKS)}", file=sys.stderr)
        return 2
    try:
        return TASKS[arguments[0]]()
    except SetupError as error:
        print(f"\nSet-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

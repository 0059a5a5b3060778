"""Known advisories about anything in the lock files; where no database of them can be reached, that is said loudly."""

import json
import subprocess
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from scripts import front_end, machine
from scripts.machine import CHECKOUT, VENV_PYTHON, SetupError, say

SECONDS = 180
# A version of which advisories are known to everybody: whoever knows none of it, knows nothing.
PROBE = "django==2.2.0"
Answer = tuple[int | None, str]


def check() -> int:
    """0 when nothing is known or nothing could be asked; 1 when something is known."""
    found = {"Python (uv.lock)": _asked(python_packages), "front end (package-lock.json)": _asked(front_end_packages)}
    for what, (number, words) in found.items():
        if number is None:
            print(f"\n{'!' * 78}\nADVISORIES NOT CHECKED: {what}\n{words}\n{'!' * 78}\n", flush=True)
        else:
            say(f"advisories, {what}: {number or 'none known'}")
            if number:
                print(words, flush=True)
    return 1 if any(number for number, _words in found.values()) else 0


def _asked(ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except (OSError, ValueError, KeyError, SetupError, subprocess.TimeoutExpired) as error:
        return None, f"{type(error).__name__}: no answer that could be read."


def locked(lock: Path = CHECKOUT / "uv.lock") -> list[list[str]]:
    """Every package of the lock file with its version, ours left out; second versions stand in a second list."""
    lists: list[dict[str, str]] = []
    for package in tomllib.loads(lock.read_text())["package"]:
        if "registry" not in package.get("source", {}):
            continue
        name = package["name"]
        free = next((each for each in lists if name not in each), None)
        if free is None:
            lists.append(free := {})
        free[name] = package["version"]
    return [sorted(f"{name}=={version}" for name, version in each.items()) for each in lists]


def python_packages() -> Answer:
    number, words = _asked_for([PROBE])
    if not number:
        return None, words or "The database that answered knows no advisory at all, not even old ones."
    answers = [_asked_for(packages) for packages in locked()]
    for found, said in answers:
        if found is None:
            return None, said
    return sum(found or 0 for found, _said in answers), "\n".join(said for _found, said in answers if said)


def _asked_for(packages: list[str]) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "locked.txt"
        wanted.write_text("\n".join(packages))
        done = _run(
            [
                VENV_PYTHON, "-m", "pip_audit", "--requirement", wanted, "--no-deps", "--disable-pip",
                "--format", "json", "--progress-spinner", "off", "--timeout", "20",
            ]
        )  # fmt: skip
    return read_python(done.stdout, done.stderr)


def read_python(said: str, complaint: str = "") -> Answer:
    """The number of advisories and the packages concerned, from what pip-audit prints."""
    if not said.strip():
        return None, _last_line(complaint)
    packages = json.loads(said)["dependencies"]
    bad = [(p["name"], p["version"], [v["id"] for v in p["vulns"]]) for p in packages if p.get("vulns")]
    words = "\n".join(f"  {name} {version}: {', '.join(ids)}" for name, version, ids in bad)
    return sum(len(ids) for _name, _version, ids in bad), words


def front_end_packages() -> Answer:
    npm, env = front_end.npm_program()
    done = _run([*npm, "audit", "--json"], env=env, cwd=front_end.FRONT_END)
    return read_front_end(done.stdout, done.stderr)


def read_front_end(said: str, complaint: str = "") -> Answer:
    """The number of advisories and the packages concerned, from what npm prints."""
    told = json.loads(said) if said.strip() else {}
    if "vulnerabilities" not in told:
        return None, str(told.get("message") or "") or _last_line(complaint)
    bad = told["vulnerabilities"]
    return len(bad), "\n".join(f"  {name}: {each['severity']} ({each['range']})" for name, each in bad.items())


def _run(command: list[str | Path], **how: object) -> "subprocess.CompletedProcess[str]":
    how.setdefault("env", machine.network_environment())
    return subprocess.run(  # type: ignore[call-overload]  # options passed on
        command, capture_output=True, text=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL, **how
    )


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no answer"])[-1][:300]

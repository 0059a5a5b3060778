"""The set-up of a fresh machine: its Python, index and certificates, and lock files that name no private place."""

import json
import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts import machine, python_packages

PUBLIC_PACKAGES = ("https://pypi.org/simple", "https://files.pythonhosted.org/")


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of our own and no pip variables."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_", "SSL_", "NODE_EXTRA")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _make(target: str, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", machine.CHECKOUT / "scripts/run.sh", target],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_python_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    _program(tmp_path / "python3", "exit 1")
    _program(tmp_path / "python3.12", f'case "$*" in *version_info*) exit 0;; esac\nexec "{sys.executable}" "$@"')
    done = _make("no-such-task", f"{tmp_path}:/usr/bin:/bin")
    assert "Usage: make setup|demo" in done.stderr
    assert done.returncode == 2


def test_the_tasks_of_the_makefile_are_the_tasks_of_the_scripts() -> None:
    targets = subprocess.run(
        ["make", "-s", "help"], cwd=machine.CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    done = _make("no-such-task", os.environ["PATH"])
    tasks = done.stderr.split("make ")[1].split("|")
    assert sorted(line.split()[1] for line in targets) == sorted(task.strip() for task in tasks)


def test_pip_settings_come_from_its_file(bare_machine: Path) -> None:
    (bare_machine / ".pip").mkdir()
    (bare_machine / ".pip/pip.conf").write_text("[global]\nindex-url = https://mirror.example/simple\n")
    assert machine.pip_setting("index-url") == "https://mirror.example/simple"


def test_a_variable_of_pip_wins_over_its_file(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare_machine / ".pip").mkdir()
    (bare_machine / ".pip/pip.conf").write_text("[global]\nindex-url = https://mirror.example/simple\n")
    monkeypatch.setenv("PIP_INDEX_URL", "https://other.example/simple")
    assert machine.pip_setting("index-url") == "https://other.example/simple"


def test_the_certificate_of_pip_serves_uv_and_node_too(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = bare_machine / "bureau.pem"
    certificate.touch()
    monkeypatch.setenv("PIP_CERT", str(certificate))
    env = machine.network_environment()
    assert (env["SSL_CERT_FILE"], env["NODE_EXTRA_CA_CERTS"]) == (str(certificate), str(certificate))


def test_a_certificate_that_the_machine_names_itself_stays(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = bare_machine / "bureau.pem"
    certificate.touch()
    monkeypatch.setenv("PIP_CERT", str(certificate))
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/own.pem")
    assert machine.network_environment()["SSL_CERT_FILE"] == "/etc/own.pem"


@pytest.mark.parametrize("home", ["", "relative", "/no/such/folder"])
def test_without_a_home_caches_go_into_the_checkout(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", home)
    assert machine.network_environment()["HOME"] == str(machine.LOCAL / "home")


def test_a_virtual_environment_of_somebody_else_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/somebody/else")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "/somebody/else")
    env = machine.network_environment()
    assert "VIRTUAL_ENV" not in env
    assert env["UV_PROJECT_ENVIRONMENT"] == str(machine.VENV)


def test_a_step_is_done_again_when_one_of_its_files_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LOCAL", tmp_path)
    monkeypatch.setattr(machine, "CHECKOUT", tmp_path)
    source = tmp_path / "source"
    source.write_text("one")
    machine.mark_done("step", machine.digest_of([source]))
    assert machine.is_done("step", machine.digest_of([source]))
    source.write_text("two")
    assert not machine.is_done("step", machine.digest_of([source]))


@pytest.mark.parametrize(
    ("system", "processor"),
    [("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64"), ("Darwin", "x86_64")],
)
def test_uv_can_be_fetched_without_pip(system: str, processor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: processor)
    assert python_packages.uv_wheel()["url"].startswith("https://files.pythonhosted.org/")


def test_the_lock_of_python_names_only_the_public_registry() -> None:
    packages = tomllib.loads((machine.CHECKOUT / "uv.lock").read_text("utf-8"))["package"]
    named = {package["source"].get("registry") for package in packages} - {None}
    files = [file["url"] for package in packages for file in [*package.get("wheels", []), package.get("sdist")] if file]
    assert named == {PUBLIC_PACKAGES[0]}
    assert [url for url in files if not url.startswith(PUBLIC_PACKAGES)] == []


def test_the_lock_of_the_front_end_names_no_registry_and_a_hash_for_each_package() -> None:
    lock = json.loads((machine.CHECKOUT / "frontend/package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if "integrity" not in package] == []

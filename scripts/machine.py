"""What this machine has: folders, certificates, package indexes; and how programs are started on it."""

import configparser
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LOCAL = CHECKOUT / ".local"
VENV = CHECKOUT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def run(command: list[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = CHECKOUT) -> None:
    """Run a program in front of the user; its failure ends the set-up."""
    done = subprocess.run(command, env=env, cwd=cwd, check=False)
    if done.returncode != 0:
        raise SetupError(f"This step failed (exit {done.returncode}): {' '.join(map(str, command))}")


def output_of(command: list[str | Path]) -> str:
    """What a program prints, or nothing when it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


# ---------------------------------------------------------------- steps that are done once


def digest_of(paths: Iterable[Path], *words: str) -> str:
    """A hash of files, by place and content, and of what else decides a step."""
    digest = hashlib.sha256("\n".join(words).encode())
    for path in sorted(paths):
        digest.update(f"\n{path.relative_to(CHECKOUT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_done(step: str, digest: str) -> bool:
    stamp = LOCAL / "stamps" / step
    return stamp.is_file() and stamp.read_text() == digest


def mark_done(step: str, digest: str) -> None:
    stamp = LOCAL / "stamps" / step
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def mark_undone(step: str) -> None:
    (LOCAL / "stamps" / step).unlink(missing_ok=True)


# ---------------------------------------------------------------- the machine's own pip configuration


def pip_setting(name: str) -> str:
    """A setting of pip on this machine, from its environment variable or its files; pip itself may be missing."""
    from_environment = os.environ.get(f"PIP_{name.upper().replace('-', '_')}")
    if from_environment:
        return from_environment
    value = ""
    for path in _pip_files():
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue
        for section in ("global", "install"):
            value = parser.get(section, name, fallback=value)
    return " ".join(value.split())


def _pip_files() -> list[Path]:
    """pip's configuration files, the later one wins."""
    home = Path(os.environ.get("HOME") or "/nonexistent")
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / "Library/Application Support/pip/pip.conf",
        home / ".pip/pip.conf",
        config_home / "pip/pip.conf",
        Path(sys.prefix) / "pip.conf",
    ]
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    return [*files, Path(named)] if named else files


def network_environment() -> dict[str, str]:
    """The environment for uv and npm: certificates as pip has them, caches where we may write."""
    env = dict(os.environ)
    certificate = pip_setting("cert")
    if certificate and os.path.exists(certificate):
        variable = "SSL_CERT_DIR" if os.path.isdir(certificate) else "SSL_CERT_FILE"
        if not (env.get("SSL_CERT_FILE") or env.get("SSL_CERT_DIR")):
            env[variable] = certificate
        if os.path.isfile(certificate):
            env.setdefault("NODE_EXTRA_CA_CERTS", certificate)
    proxy = pip_setting("proxy")
    if proxy:
        env.setdefault("HTTPS_PROXY", proxy)
        env.setdefault("HTTP_PROXY", proxy)
    if not _is_writable_home():
        # A private home keeps programs from writing to "/" or failing for want of a home.
        private_home = LOCAL / "home"
        private_home.mkdir(parents=True, exist_ok=True)
        env["HOME"] = str(private_home)
        for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            env.pop(variable, None)
    for variable in ("VIRTUAL_ENV", "UV_PROJECT", "UV_PYTHON", "UV_SYSTEM_PYTHON", "PYTHONHOME", "PYTHONPATH"):
        env.pop(variable, None)
    env |= {"UV_PROJECT_ENVIRONMENT": str(VENV), "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    env.setdefault("npm_config_update_notifier", "false")
    env.setdefault("UV_LINK_MODE", "copy")
    env.setdefault("UV_HTTP_TIMEOUT", "180")
    return env


def _is_writable_home() -> bool:
    home = os.environ.get("HOME", "")
    return os.path.isabs(home) and os.path.isdir(home) and os.access(home, os.W_OK | os.X_OK)


def found(*names: str) -> Path | None:
    """The first of these programs that is on the PATH."""
    for name in names:
        path = shutil.which(name)
        if path:
            return Path(path)
    return None

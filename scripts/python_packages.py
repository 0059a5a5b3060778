"""Python packages: uv is found or fetched, then `.venv` is made to match uv.lock."""

import hashlib
import io
import platform
import re
import shutil
import ssl
import stat
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from scripts import machine
from scripts.machine import CHECKOUT, LOCAL, VENV, VENV_PYTHON, SetupError, say

OLDEST_UV = (0, 9)
PRIVATE_UV = LOCAL / "uv" / "bin" / "uv"


def install() -> None:
    """Bring `.venv` to the state that uv.lock describes."""
    inputs = [CHECKOUT / name for name in ("pyproject.toml", "uv.lock", "jiafang/__init__.py")]
    digest = machine.digest_of(inputs, str(CHECKOUT), sys.executable)
    if machine.is_done("python", digest) and machine.output_of([VENV_PYTHON, "-c", "import jiafang, django; print(1)"]):
        return
    uv = _uv()
    say("Installing Python packages into .venv")
    machine.mark_undone("python")
    env = machine.network_environment()
    if not machine.output_of([VENV_PYTHON, "-c", "import sys; print(sys.version_info >= (3, 11) or '')"]):
        shutil.rmtree(VENV, ignore_errors=True)
    index = machine.pip_setting("index-url")
    if index and not _is_index_of_lock(index):
        _install_from_mirror(uv, index, env)
    else:
        machine.run([uv, "sync", "--frozen", "--quiet", "--python", sys.executable], env=env)
    machine.mark_done("python", digest)


def _is_index_of_lock(index: str) -> bool:
    registries = {package["source"].get("registry", "") for package in _lock()["package"]}
    return index.rstrip("/") in {registry.rstrip("/") for registry in registries}


def _install_from_mirror(uv: Path, index: str, env: dict[str, str]) -> None:
    """Install the locked versions, checked by their hashes, from the index that this machine's pip uses."""
    env = env | {"UV_DEFAULT_INDEX": index, "UV_INDEX_STRATEGY": "unsafe-best-match"}
    for name, variable in (("extra-index-url", "UV_INDEX"), ("find-links", "UV_FIND_LINKS")):
        value = machine.pip_setting(name)
        if value:
            env.setdefault(variable, value.replace(" ", "," if name == "find-links" else " "))
    requirements = LOCAL / "requirements.txt"
    machine.run(
        [uv, "export", "--frozen", "--quiet", "--no-emit-project", "--python", sys.executable, "-o", requirements],
        env=env,
    )
    if not VENV_PYTHON.exists():
        machine.run([uv, "venv", "--quiet", "--python", sys.executable, VENV], env=env)
    machine.run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", VENV_PYTHON, requirements], env=env)
    machine.run([uv, "pip", "install", "--quiet", "--no-deps", "--python", VENV_PYTHON, "-e", CHECKOUT], env=env)


# ---------------------------------------------------------------- uv itself


def _uv() -> Path:
    for candidate in (PRIVATE_UV, machine.found("uv")):
        if candidate and _version(candidate) >= OLDEST_UV:
            return candidate
    LOCAL.mkdir(exist_ok=True)
    say("Fetching uv into .local/uv")
    for fetch in (_fetch_with_pip, _fetch_directly):
        problem = fetch()
        if not problem and _version(PRIVATE_UV) >= OLDEST_UV:
            return PRIVATE_UV
        say(f"  {fetch.__name__.removeprefix('_').replace('_', ' ')}: {problem or 'uv does not run'}")
    raise SetupError(
        "uv, which installs the Python packages, could not be fetched. Check the network and the machine's pip "
        "configuration, or install uv yourself and run the command again."
    )


def _version(uv: Path) -> tuple[int, ...]:
    match = re.search(r"uv (\d+)\.(\d+)", machine.output_of([uv, "--version"]))
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _lock() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "uv.lock").read_text(encoding="utf-8"))


def _uv_in_lock() -> dict[str, Any]:
    return next(package for package in _lock()["package"] if package["name"] == "uv")


def _fetch_with_pip() -> str:
    """pip knows this machine's index, certificates and proxy; the hashes are those of uv.lock."""
    if not machine.output_of([sys.executable, "-m", "pip", "--version"]):
        return "this Python has no pip"
    package = _uv_in_lock()
    files = [*package["wheels"], package["sdist"]]
    hashes = " ".join(f"--hash={file['hash']}" for file in files)
    with tempfile.TemporaryDirectory(dir=LOCAL) as folder:
        requirements = Path(folder) / "uv.txt"
        requirements.write_text(f"uv=={package['version']} {hashes}\n")
        target = Path(folder) / "uv"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
                *("--no-deps", "--only-binary=:all:", "--require-hashes"),
                *("--target", str(target), "-r", str(requirements)),
            ],
            env=machine.network_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "failed"
        shutil.rmtree(PRIVATE_UV.parent.parent, ignore_errors=True)
        target.rename(PRIVATE_UV.parent.parent)
    return ""


def _fetch_directly() -> str:
    """Without pip, as on a Debian with nothing but python3: the wheel that uv.lock names, checked by its hash."""
    file = uv_wheel()
    if not file:
        return f"uv has no build for {platform.system()} on {platform.machine()}"
    env = machine.network_environment()
    context = ssl.create_default_context(cafile=env.get("SSL_CERT_FILE"), capath=env.get("SSL_CERT_DIR"))
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context),
        urllib.request.ProxyHandler({"https": env["HTTPS_PROXY"]} if env.get("HTTPS_PROXY") else None),
    )
    try:
        with opener.open(file["url"], timeout=180) as response:
            content = response.read()
    except OSError as error:
        return str(error)
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != file["hash"]:
        return "the downloaded file is not the one that uv.lock names"
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        program = next(name for name in wheel.namelist() if name.endswith(".data/scripts/uv"))
        PRIVATE_UV.parent.mkdir(parents=True, exist_ok=True)
        PRIVATE_UV.write_bytes(wheel.read(program))
    PRIVATE_UV.chmod(PRIVATE_UV.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return ""


def uv_wheel() -> dict[str, Any] | None:
    """The entry of uv.lock for uv on this platform."""
    tags = _platform_tags()
    return next((file for file in _uv_in_lock()["wheels"] if any(tag in file["url"] for tag in tags)), None)


def _platform_tags() -> list[str]:
    processor = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if platform.system() == "Darwin":
        return [f"macosx_{version}_{'arm64' if processor == 'aarch64' else processor}" for version in ("11_0", "10_12")]
    # The build for musl is static and runs beside any C library.
    return [f"musllinux_1_1_{processor}"]

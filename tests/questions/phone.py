"""The phone's side of the questions, run by Node, so that the same cases can be put to both sides."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from scripts.front_end import FRONT_END, MODULES, npm_program

ENTRY = Path(__file__).with_name("twin.ts")


class Phone:
    """Asked in batches; one process answers them all."""

    def __init__(self, folder: Path) -> None:
        _npm, env = npm_program()
        node = shutil.which("node", path=env["PATH"])
        assert node, "Node is needed to run the phone's side"
        script = folder / "twin.cjs"
        build = [MODULES / "esbuild/bin/esbuild", ENTRY, "--bundle", "--platform=node", f"--outfile={script}"]
        subprocess.run([*build, "--log-level=error"], check=True, cwd=FRONT_END, env=env)
        self.process = subprocess.Popen([node, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(cases) + "\n")
        self.process.stdin.flush()
        answered: list[dict[str, Any]] = json.loads(self.process.stdout.readline())
        return answered

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)

"""A Chromium for the browser tests and screenshots: found, or installed from the system's packages."""

import glob
import os
import subprocess
import sys
from pathlib import Path

from scripts import machine
from scripts.machine import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FIXED_PLACES = (
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome: the one that JIAFANG_CHROMIUM names, or the first that is installed."""
    chosen = os.environ.get("JIAFANG_CHROMIUM")
    if chosen:
        return chosen if os.access(chosen, os.X_OK) else None
    found = machine.found(*NAMES)
    if found:
        return str(found)
    return next((place for place in FIXED_PLACES if os.access(place, os.X_OK)), None)


def provide() -> None:
    """Install Chromium and a Chinese font where that is possible; say so loudly where it is not."""
    missing = [] if find_chromium() else ["chromium"]
    if sys.platform == "linux" and not _has_chinese_font():
        missing.append("fonts-wqy-microhei")
    if not missing:
        return
    problem = _install(missing)
    if problem and "chromium" in missing:
        banner = "!" * 78
        print(
            f"{banner}\n!! NO CHROMIUM: {problem}.\n"
            "!! Every browser test is going to be skipped; the count is at the end.\n"
            f"!! Install chromium and fonts-wqy-microhei, or set JIAFANG_CHROMIUM.\n{banner}",
            flush=True,
        )
    elif problem:
        say(f"No Chinese font: {problem}. Screenshots show boxes instead of characters; install fonts-wqy-microhei.")


def _has_chinese_font() -> bool:
    if machine.found("fc-list"):
        return bool(machine.output_of(["fc-list", ":lang=zh", "family"]))
    return bool(
        glob.glob("/usr/share/fonts/**/*wqy*", recursive=True) or glob.glob("/usr/share/fonts/**/*CJK*", recursive=True)
    )


def _install(packages: list[str]) -> str:
    """Install Debian packages; what went wrong, or nothing."""
    apt = machine.found("apt-get")
    if not apt:
        return "there is no apt-get to install it with"
    if os.getuid() != 0:
        return "only root can install it (apt-get install " + " ".join(packages) + ")"
    say(f"Installing {' and '.join(packages)} with apt-get")
    env = os.environ | {
        "DEBIAN_FRONTEND": "noninteractive",
        # dpkg calls programs that only root has on its path.
        "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin",
    }
    log = machine.LOCAL / "apt.log"
    with Path(log).open("w") as output:
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(
                [apt, "-qq", "-o", "Acquire::Retries=3", *command],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
            if done.returncode != 0 and command[0] == "install":
                return f"apt-get could not install {' and '.join(packages)} (see .local/apt.log)"
    return ""

"""What is wrong with a screen of the phone app in somebody's hand: for axe, for a narrow screen, for one thumb."""

import os
from collections.abc import Callable

from playwright.sync_api import Page

Faults = Callable[[Page], list[str]]

# A folder for pictures to look at.
SHOTS = os.environ.get("JIAFANG_SHOTS", "")
WIDTH, HEIGHT = 390, 844
SMALLEST = 44
# Where the thumb of the hand that holds the phone comes without letting go: the lower part of the screen.
THUMB_FROM = 0.55 * HEIGHT
# What is tapped; a control that is drawn by the label around it has the size of that label. Links within a sentence are
# as high as its line.
TAPPED = """() => {
    const parts = "main a[href], main button, main summary, main input, main select, main textarea, "
        + ".phone-foot a, .phone-foot button, .tabbar a, .phone-back, dialog[open] button, dialog[open] a";
    const hidden = "input[type=checkbox], input[type=radio], input[type=file]";
    return [...document.querySelectorAll(parts)].map((part) => {
        const drawn = (part.matches(hidden) && part.closest("label")) || part;
        const { width, height } = drawn.getBoundingClientRect();
        return { name: drawn.textContent.trim().slice(0, 20) || drawn.className, width, height };
    }).filter((one) => one.height > 1);
}"""


def faults_on(page: Page, axe_faults: Faults, name: str, width: int) -> list[str]:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/phone-{name}-{width}.png")
    faults = [f"{name}: {fault}" for fault in axe_faults(page)]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        faults.append(f"{name}: wider than {width}")
    return faults


def faults_in_hand(page: Page, axe_faults: Faults, name: str) -> list[str]:
    """Also what a thumb misses: targets too small, more than one next step, or one too far up."""
    faults = faults_on(page, axe_faults, name, WIDTH)
    for one in page.evaluate(TAPPED):
        if min(one["width"], one["height"]) < SMALLEST - 0.5:
            faults.append(f"{name}: {one['name']} is {one['width']:.0f}×{one['height']:.0f}")
    steps = page.locator(".btn-primary:visible").all()
    if len(steps) > 1:
        faults.append(f"{name}: {len(steps)} next steps")
    for box in [step.bounding_box() for step in steps]:
        if box is None or box["y"] < THUMB_FROM or box["y"] + box["height"] > HEIGHT:
            faults.append(f"{name}: the next step is out of reach, at {box}")
    return faults

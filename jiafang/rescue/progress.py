"""A bar on the terminal, or a line for each quarter where there is none."""

from typing import TextIO

WIDTH = 30


class Progress:
    """How far each part of the work is."""

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        self.live = bool(stream and stream.isatty())
        self.shown = ("", -1)

    def show(self, part: str, done: float, total: float) -> None:
        """Say how much of a part is done."""
        if not self.stream:
            return
        share = min(1.0, done / total) if total else 1.0
        step = int(share * (100 if self.live else 4))
        if (part, step) == self.shown:
            return
        self.shown = (part, step)
        bar = "█" * round(share * WIDTH)
        end = "\n" if share >= 1 or not self.live else ""
        start = "\r" if self.live else ""
        self.stream.write(f"{start}{bar:·<{WIDTH}} {share:4.0%}  {part:<34}{end}")
        self.stream.flush()

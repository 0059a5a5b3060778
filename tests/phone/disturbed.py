"""What can happen to a request and its answer on the way, as a value that a failing run can show."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.phone.house import FAULTY, PORTAL, Line
from tests.phone.node import CUT, Answer, Asked

KINDS = (
    "whole",
    "lost",  # never arrives
    "deaf",  # arrives, and the answer never comes back
    "cut",  # the answer ends early, without the browser noticing
    "fault",  # 500 before anything happened
    "late_fault",  # 500 after everything happened
    "portal",  # somebody else answers
    "twice",  # arrives twice
    "stale",  # something sent before arrives again first
    "forged",  # one digit of the receipt is another
    "foreign",  # the answer to something else
)


@dataclass(frozen=True)
class Fault:
    kind: str
    where: float = 0.5


@dataclass
class Weather:
    """The faults of the next requests, in order; after them the line is whole."""

    line: Line
    faults: list[Fault] = field(default_factory=list)
    bundles: bool = False
    _sent: list[Asked] = field(default_factory=list)
    _answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line.disturb = self

    def expect(self, faults: Sequence[Fault], *, bundles: bool = False) -> None:
        self.faults, self.bundles = list(faults), bundles

    def __call__(self, asked: Asked, reach: Callable[[], Answer]) -> Answer:
        if asked.path == "/api/phone/bundle" and not self.bundles:
            return FAULTY
        fault = self.faults.pop(0) if self.faults else Fault("whole")
        if fault.kind in ("lost", "fault", "portal"):
            return {"lost": CUT, "fault": FAULTY, "portal": PORTAL}[fault.kind]
        if fault.kind == "stale" and self._sent:
            self.line.reach(random.Random(fault.where).choice(self._sent))
        answer = reach()
        if asked.method == "PUT":
            self._sent.append(asked)
            self._answers.append(answer)
        return self._after(fault, answer, reach)

    def _after(self, fault: Fault, answer: Answer, reach: Callable[[], Answer]) -> Answer:
        match fault.kind:
            case "deaf":
                return CUT
            case "cut":
                return Answer(answer.status, answer.headers, answer.body[: int(len(answer.body) * fault.where)])
            case "late_fault":
                return FAULTY
            case "twice":
                return reach()
            case "forged":
                return _forged(answer, fault.where)
            case "foreign" if self._answers:
                return random.Random(fault.where).choice(self._answers)
        return answer


def _forged(answer: Answer, where: float) -> Answer:
    """One thing in the receipt says something else than was signed."""
    try:
        told = json.loads(answer.body)
        receipt = told["receipt"]
    except (ValueError, KeyError, TypeError):
        return answer
    if not receipt:
        return answer
    name = random.Random(where).choice(["sequence", "hash", "id", "epoch", "revision", "signature", "key_id", "held"])
    value = receipt[name]
    if isinstance(value, bool):
        receipt[name] = not value
    else:
        receipt[name] = value + 1 if isinstance(value, int) else ("0" if value[0] != "0" else "1") + value[1:]
    return Answer(answer.status, answer.headers, json.dumps(told).encode())

"""Patterns of regex(): made into a small program once, run step by step in time that grows with the text alone.

A pattern comes from an uploaded file and is run against what somebody types, here and on the phone: the engines of the
two languages differ, and both can be brought to a standstill by a hostile pattern. The program means the same to both.

A program is a list of steps: ["one", negated, [low, high, …]] takes one character, ["either", a, b] goes on at both,
["go", a] at one, ["start"] and ["end"] hold only there, ["done"] has matched.
"""

import re
from collections.abc import Callable
from typing import Any

MOST_STEPS = 300
MOST_REPEATS = 200
MOST_DEPTH = 20
_LAST = 0x10FFFF
_DIGIT = [(48, 57)]
_WORD = [(48, 57), (65, 90), (95, 95), (97, 122)]
_SPACE = [(9, 13), (32, 32)]
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROLS = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11}
_COUNT = re.compile("[0-9]{1,4}")

Ranges = list[tuple[int, int]]
Program = list[list[Any]]
# What a part of a pattern adds to a program that begins at a given step.
Part = Callable[[int], Program]


class PatternFault(ValueError):
    """A pattern with something that is not supported; the text says what."""


def compile_pattern(text: str) -> Program:
    """The program of a pattern, which must match the whole of a text."""
    reader = _Reader(text)
    part = reader.alternatives(0)
    if reader.at < len(text):
        raise PatternFault(text[reader.at])
    return [*_built(part, 0), ["done"]]


def matches(program: Program, text: str) -> bool:
    """Whether the program takes the whole text."""
    points = [ord(character) for character in text]
    last = len(points)
    here = _reached(program, {0}, 0, last)
    for position, point in enumerate(points):
        following = {
            step + 1
            for step in here
            if program[step][0] == "one" and _within(point, program[step][2]) != bool(program[step][1])
        }
        if not following:
            return False
        here = _reached(program, following, position + 1, last)
    return any(program[step][0] == "done" for step in here)


def _reached(program: Program, begun: set[int], position: int, last: int) -> set[int]:
    """Every step that can be stood at without taking a character."""
    reached: set[int] = set()
    waiting = list(begun)
    while waiting:
        step = waiting.pop()
        if step in reached:
            continue
        reached.add(step)
        kind = program[step][0]
        if kind == "either":
            waiting += program[step][1:]
        elif kind == "go":
            waiting.append(program[step][1])
        elif (kind == "start" and position == 0) or (kind == "end" and position == last):
            waiting.append(step + 1)
    return reached


def _within(point: int, bounds: list[int]) -> bool:
    return any(bounds[i] <= point <= bounds[i + 1] for i in range(0, len(bounds), 2))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        if self.at >= len(self.text):
            raise PatternFault(self.text)
        self.at += 1
        return self.text[self.at - 1]

    def alternatives(self, depth: int) -> Part:
        if depth > MOST_DEPTH:
            raise PatternFault("(" * MOST_DEPTH)
        part = self.sequence(depth)
        while self.peek() == "|":
            self.take()
            part = _either(part, self.sequence(depth))
        return part

    def sequence(self, depth: int) -> Part:
        parts: list[Part] = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(depth))
        return _one_after_another(parts)

    def repeated(self, depth: int) -> Part:
        part = self.atom(depth)
        mark = self.peek()
        if mark not in ("*", "+", "?", "{"):
            return part
        self.take()
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(mark) or self.bounds()
        if self.peek() in ("*", "+", "?", "{"):
            raise PatternFault(mark + self.peek())
        return _repeat(part, least, most)

    def bounds(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.at)
        inner = self.text[self.at : end] if end >= 0 else self.text[self.at :]
        first, comma, second = inner.partition(",")
        if end < 0 or not _COUNT.fullmatch(first) or (second and not _COUNT.fullmatch(second)):
            raise PatternFault("{" + inner)
        self.at = end + 1
        least = int(first)
        most = least if not comma else int(second) if second else None
        if least > MOST_REPEATS or (most is not None and not least <= most <= MOST_REPEATS):
            raise PatternFault("{" + inner + "}")
        return least, most

    def atom(self, depth: int) -> Part:
        sign = self.take()
        if sign == "(":
            if self.text.startswith("?:", self.at):
                self.at += 2
            elif self.peek() == "?":
                raise PatternFault(self.text[self.at - 1 : self.at + 2])
            part = self.alternatives(depth + 1)
            if self.take() != ")":
                raise PatternFault("(")
            return part
        if sign == "[":
            return self.character_class()
        if sign == ".":
            return _one([(10, 10), (13, 13)], negated=True)
        if sign == "^":
            return lambda at: [["start"]]
        if sign == "$":
            return lambda at: [["end"]]
        if sign in "*+?{":
            raise PatternFault(sign)
        if sign == "\\":
            negated, ranges = self.escaped()
            return _one(ranges, negated=negated)
        return _one([(ord(sign), ord(sign))])

    def escaped(self) -> tuple[bool, Ranges]:
        sign = self.take()
        if sign.lower() in _CLASSES:
            return sign.isupper(), _CLASSES[sign.lower()]
        if sign in _CONTROLS:
            return False, [(_CONTROLS[sign], _CONTROLS[sign])]
        if sign.isascii() and sign.isalnum():
            raise PatternFault("\\" + sign)
        return False, [(ord(sign), ord(sign))]

    def character_class(self) -> Part:
        negated = self.peek() == "^"
        if negated:
            self.take()
        ranges: Ranges = []
        first = True
        while first or self.peek() != "]":
            first = False
            low = self.class_member(ranges)
            if low is None or self.peek() != "-" or self.text[self.at + 1 : self.at + 2] in ("]", ""):
                if low is not None:
                    ranges.append((low, low))
                continue
            self.take()
            high = self.class_member(ranges)
            if high is None or high < low:
                raise PatternFault("[" + chr(low) + "-")
            ranges.append((low, high))
        self.take()
        return _one(ranges, negated=negated)

    def class_member(self, ranges: Ranges) -> int | None:
        """The point of one character; None after a class such as \\d, which is put to the ranges."""
        sign = self.take()
        if sign == "[" or (sign == "&" and self.peek() == "&"):
            raise PatternFault(sign)
        if sign != "\\":
            return ord(sign)
        negated, inner = self.escaped()
        if not negated and len(inner) == 1 and inner[0][0] == inner[0][1]:
            return inner[0][0]
        ranges += _others(inner) if negated else inner
        return None


def _others(ranges: Ranges) -> Ranges:
    left, begin = [], 0
    for low, high in ranges:
        left.append((begin, low - 1))
        begin = high + 1
    return [(low, high) for low, high in [*left, (begin, _LAST)] if low <= high]


def _built(part: Part, at: int) -> Program:
    program = part(at)
    if at + len(program) > MOST_STEPS:
        raise PatternFault("{…}")
    return program


def _one(ranges: Ranges, *, negated: bool = False) -> Part:
    bounds = [bound for pair in ranges for bound in pair]
    return lambda at: [["one", int(negated), bounds]]


def _one_after_another(parts: list[Part]) -> Part:
    def build(at: int) -> Program:
        program: Program = []
        for part in parts:
            program += _built(part, at + len(program))
        return program

    return build


def _either(first: Part, second: Part) -> Part:
    def build(at: int) -> Program:
        one = _built(first, at + 1)
        other_at = at + 1 + len(one) + 1
        other = _built(second, other_at)
        return [["either", at + 1, other_at], *one, ["go", other_at + len(other)], *other]

    return build


def _repeat(part: Part, least: int, most: int | None) -> Part:
    def build(at: int) -> Program:
        program: Program = []
        for _time in range(least):
            program += _built(part, at + len(program))
        if most is None:
            again = at + len(program)
            body = _built(part, again + 1)
            return [*program, ["either", again + 1, again + len(body) + 2], *body, ["go", again]]
        for _time in range(most - least):
            here = at + len(program)
            body = _built(part, here + 1)
            program += [["either", here + 1, here + 1 + len(body)], *body]
        return program

    return build

"""The schools that are known while a roster is read: those of the district and those of the files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jiafang.organization.roster.values.grades import stages_of_name

_AREA = re.compile(r"^[\u3400-\u9fff]{1,7}?(?:省|市|自治区|区|县|旗|镇|乡|街道)")
FEWEST_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class SchoolInfo:
    code: str
    name: str
    stages: tuple[str, ...] = ()


def _plain(name: str) -> str:
    return re.sub(r"[\s()\uff08\uff09]", "", name)


def short_forms(name: str) -> list[str]:
    """The name and what remains when district and township are taken from its front."""
    forms, current = [_plain(name)], _plain(name)
    while (match := _AREA.match(current)) and len(current) - match.end() >= FEWEST_CHARACTERS:
        current = current[match.end() :]
        forms.append(current)
    return forms


class Directory:
    def __init__(self, schools: Iterable[SchoolInfo] = ()) -> None:
        self._by_code: dict[str, SchoolInfo] = {}
        self._by_form: dict[str, set[str]] = {}
        for school in schools:
            self.add(school)

    def add(self, school: SchoolInfo) -> None:
        self._by_code[school.code] = school
        for form in short_forms(school.name):
            self._by_form.setdefault(form, set()).add(school.code)

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def __len__(self) -> int:
        return len(self._by_code)

    def name_of(self, code: str) -> str:
        school = self._by_code.get(code)
        return school.name if school else code

    def stages_of(self, code: str) -> tuple[str, ...]:
        school = self._by_code.get(code)
        if school is None:
            return ()
        return school.stages or stages_of_name(school.name)

    def only(self) -> str:
        return next(iter(self._by_code)) if len(self._by_code) == 1 else ""

    def by_name(self, name: str) -> str:
        """The code of the one school of that name, with or without district and township; else nothing."""
        for form in short_forms(name):
            codes = self._by_form.get(form, set())
            if len(codes) == 1:
                return next(iter(codes))
        return ""

    def in_text(self, text: str) -> str:
        """The school whose name stands in a text; the longest name wins, two of the same length name nobody."""
        text = _plain(text)
        best, length = set[str](), FEWEST_CHARACTERS - 1
        for form, codes in self._by_form.items():
            if len(form) >= length and form in text:
                if len(form) > length:
                    best, length = set(), len(form)
                best |= codes
        return next(iter(best)) if len(best) == 1 else ""

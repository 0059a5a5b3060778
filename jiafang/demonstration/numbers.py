"""Numbers that pass every check and belong to nobody.

The region code is assigned to no county and the mobile prefix to no subscriber, so a number made here can
be told from a real one and never dials anybody.
"""

import datetime as dt
from collections import Counter
from copy import deepcopy
from typing import Literal

Sex = Literal["男", "女"]

INVENTED_REGION = "359901"
INVENTED_MOBILE_PREFIX = "169"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
SCHOOL_KIND_DIGITS = {"幼儿园": "11", "小学": "21", "初中": "31", "高中": "34", "中职": "36", "特教": "51"}
# A step without a common factor with 10^8 walks through every number once, in an order without a pattern.
MOBILE_STEP = 61_803_399
MOBILE_RANGE = 10**8


def check_digit(first_17: str) -> str:
    """The last character of an ID number, also used by the registry number."""
    return CHECK_DIGITS[sum(int(d) * w for d, w in zip(first_17, WEIGHTS, strict=True)) % 11]


class NumberIssuer:
    """Hands out each number once."""

    def copy(self) -> "NumberIssuer":
        """An issuer that goes on from here and leaves this one as it is."""
        return deepcopy(self)

    def __init__(self) -> None:
        self._phones = 0
        self._births: Counter[tuple[dt.date, Sex]] = Counter()
        self._schools: Counter[str] = Counter()
        self._staff: Counter[str] = Counter()

    def phone(self) -> str:
        self._phones += 1
        return f"{INVENTED_MOBILE_PREFIX}{self._phones * MOBILE_STEP % MOBILE_RANGE:08d}"

    def id_number(self, born: dt.date, sex: Sex) -> str:
        """An ID number whose third digit from the check digit is odd for men, as in real ones."""
        count = self._births[born, sex]
        self._births[born, sex] += 1
        first_17 = f"{INVENTED_REGION}{born:%Y%m%d}{2 * count + (1 if sex == '男' else 0):03d}"
        return first_17 + check_digit(first_17)

    def school_code(self, stage: str) -> str:
        self._schools[stage] += 1
        return f"{SCHOOL_KIND_DIGITS[stage]}35990{self._schools[stage]:03d}"

    def staff_number(self, letter: str) -> str:
        self._staff[letter] += 1
        return f"{letter}{self._staff[letter]:05d}"

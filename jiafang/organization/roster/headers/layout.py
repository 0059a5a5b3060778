"""Where in a sheet the table begins: title rows above, a header of one or two rows, then the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jiafang.organization.roster.headers.words import header_text, meaning, normal_header, sub_header
from jiafang.organization.roster.reading.table import Cell, Merge, RawTable
from jiafang.organization.roster.schema import Kind

LOOKED_AT = 40
FEWEST_RECOGNIZED = 2
MERGES_APPLIED = 20_000


@dataclass(slots=True)
class Layout:
    """The headers by position and the index of the first data row in `table.rows`."""

    headers: list[str]
    data_start: int
    header_row: int
    title: str


def find_layout(table: RawTable) -> Layout | None:
    """The best header among the first rows; None for a sheet that holds no table."""
    rows = table.rows
    texts = [[normal_header(header_text(cell)) for cell in row] for row in rows[:LOOKED_AT]]
    spread = _spread_merges(table, texts)
    best: tuple[float, int, int] | None = None
    for index in range(len(texts)):
        for height in (1, 2):
            if index + height > len(texts):
                continue
            headers = spread[index] if height == 1 else _joined(table, spread, texts, index)
            score = _score(headers) - 0.5 * (height - 1) if headers else 0.0
            if score >= FEWEST_RECOGNIZED and (best is None or score > best[0]):
                best = (score, index, height)
    if best is None:
        return _plain_layout(table, texts)
    _, index, height = best
    headers = spread[index] if height == 1 else _joined(table, spread, texts, index)
    return Layout(headers, index + height, index, _title(rows[:index]))


def _score(headers: Sequence[str]) -> float:
    """Recognized headers of the best kind; a row that holds mostly other things is data."""
    filled = [header for header in headers if header]
    if len(filled) < FEWEST_RECOGNIZED or len(set(filled)) < FEWEST_RECOGNIZED:
        return 0.0
    best = max(_recognized(tuple(filled), kind) for kind in Kind)
    return best if best >= max(FEWEST_RECOGNIZED, 0.3 * len(filled)) else 0.0


@lru_cache(maxsize=5_000)
def _recognized(headers: tuple[str, ...], kind: Kind) -> float:
    return float(len({header for header in headers if meaning(header, kind)}))


def _joined(table: RawTable, spread: list[list[str]], texts: list[list[str]], index: int) -> list[str]:
    """Upper and lower header as one: 成员1 above 姓名 gives 成员1姓名; what spans both rows stands alone."""
    upper, lower = spread[index], texts[index + 1]
    if not any(lower) or len({text for text in upper if text}) < 2:
        return []  # a lone text above is a title and no header
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    joined, carried = [], ""
    below = 0
    for above, under in zip(upper, lower, strict=True):
        carried = above or (carried if under else "")
        if under and above != under:
            below += 1
            alone = not carried or (not sub_header(under) and any(meaning(under, kind) for kind in Kind))
            joined.append(under if alone and not _member_like(carried) else f"{carried}{under}")
        else:
            joined.append(above or under)
    # The lower row must be made of headers and not of the first child's data.
    plausible = sum(1 for under in lower if under and (sub_header(under) or any(meaning(under, kind) for kind in Kind)))
    return joined if below and plausible >= below * 0.6 else []


def _member_like(text: str) -> bool:
    return bool(text) and meaning(f"{text}姓名", Kind.STUDENTS).startswith("member:")


def _spread_merges(table: RawTable, texts: list[list[str]]) -> list[list[str]]:
    """Copies in which a header merged across columns stands in each of them."""
    spread = [list(row) for row in texts]
    for merge in table.merges[:MERGES_APPLIED]:
        row = merge.top - table.first_row
        left, right = merge.left - table.first_column, merge.right - table.first_column
        if not 0 <= row < len(spread) or not 0 <= left < len(spread[row]):
            continue
        if right - left + 1 >= len(spread[row]) and len(spread[row]) > 2:
            continue  # a title over the whole table
        for column in range(left, min(right + 1, len(spread[row]))):
            spread[row][column] = spread[row][column] or texts[row][left]
    return spread


def _title(rows: Sequence[Sequence[Cell]]) -> str:
    lines = (dict.fromkeys(text for cell in row if (text := header_text(cell))) for row in rows)
    return " ".join(" ".join(line) for line in lines).strip()[:500]


def _plain_layout(table: RawTable, texts: list[list[str]]) -> Layout | None:
    """No header was recognized: the first row of several short texts may be one that the user can map."""
    rows = table.rows
    for index, row in enumerate(texts):
        filled = [cell for cell in row if cell]
        distinct = len(filled) >= FEWEST_RECOGNIZED and len(set(filled)) == len(filled)
        if distinct and index + 1 < len(rows) and all(len(cell) <= 30 and not cell.isdigit() for cell in filled):
            return Layout(list(row), index + 1, index, _title(rows[:index]))
    return None


def fill_merged_cells(table: RawTable, data_start: int) -> None:
    """Give every row its value where cells of the data were merged downwards."""
    for merge in table.merges[:MERGES_APPLIED]:
        _fill(table, merge, data_start)


def _fill(table: RawTable, merge: Merge, data_start: int) -> None:
    top, bottom = merge.top - table.first_row, merge.bottom - table.first_row
    left, right = merge.left - table.first_column, merge.right - table.first_column
    if top < data_start or top >= len(table.rows) or left < 0 or left >= len(table.rows[top]) or right - left > 2:
        return
    value = table.rows[top][left]
    for row in table.rows[top : bottom + 1]:
        if left < len(row) and row[left] == "":
            row[left] = value

"""Row by row through one table: each cell by its parser, each fault by its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jiafang.organization.roster.faults import Fault, FaultList, Place, Severity, ValueFault
from jiafang.organization.roster.headers.words import header_text, normal_header
from jiafang.organization.roster.interpret.context import TableInfo
from jiafang.organization.roster.reading.table import Cell, RawTable
from jiafang.organization.roster.rows import pack

EXAMPLE_MARKS = ("例:", "示例", "例如", "(例)", "(示例)")
FOOTNOTES = (
    "合计",
    "总计",
    "小计",
    "填表人",
    "制表",
    "说明",
    "备注",
    "注:",
    "审核",
    "填报",
    "单位负责人",
    "联系人:",
    "统计",
)
Parser = Callable[[Any], Any]
Read = Callable[[list[Cell]], Any]


class TableReader:
    """`ok` tells after the reads of a row whether the row can be taken."""

    def __init__(self, info: TableInfo, table: RawTable, data_start: int, faults: FaultList) -> None:
        self.info = info
        self._table = table
        self._start = data_start
        self._faults = faults
        self.row_number = 0
        self.ok = True
        self._positions: dict[str, int] = {}
        for position, target in enumerate(info.targets):
            if target:
                self._positions.setdefault(target, position)

    def refused(self) -> bool:
        """Whether this row has had a fault that it cannot be taken with."""
        return not self.ok

    @property
    def at(self) -> int:
        return pack(self.info.index, self.row_number)

    def has(self, *targets: str) -> bool:
        return any(target in self._positions for target in targets)

    def positions(self, prefix: str) -> list[tuple[int, str]]:
        return [(position, target) for position, target in enumerate(self.info.targets) if target.startswith(prefix)]

    def place(self, position: int | None = None) -> Place:
        header = self.info.headers[position] if position is not None and position < len(self.info.headers) else ""
        return Place(
            file=self.info.file,
            sheet=self.info.sheet,
            row=self.row_number or None,
            column=self.info.column_of(position) if position is not None else None,
            header=header,
        )

    def tell(self, code: str, severity: Severity, target: str = "", position: int | None = None, **params: Any) -> None:
        if position is None and target:
            position = self._positions.get(target)
        if severity is Severity.ERROR:
            self.ok = False
        self._faults.add(Fault(code, severity, self.place(position), params))

    def tell_value(self, fault: ValueFault, position: int | None) -> None:
        self.tell(fault.code, fault.severity, position=position, **fault.params)

    def column(self, target: str, parser: Parser, default: Any, *, repeated: bool = False) -> Read:
        """A reader of one column; `repeated` columns remember what each distinct cell meant."""
        position = self._positions.get(target)
        if position is None:
            return lambda row: default
        return self.at_position(position, parser, default, repeated=repeated)

    def at_position(self, position: int, parser: Parser, default: Any, *, repeated: bool = False) -> Read:
        known: dict[Any, Any] = {}

        def read(row: list[Cell]) -> Any:
            raw = row[position] if position < len(row) else ""
            if type(raw) is str and not raw:
                return default
            if repeated and raw in known:
                return known[raw]
            try:
                value = parser(raw)
            except ValueFault as fault:
                self.tell_value(fault, position)
                return default
            if repeated:
                known[raw] = value
            return value

        return read

    def rows(self, needed: str = "name") -> Iterator[list[Cell]]:
        """The rows that hold data: no blank ones, no repeated header, no example, no footnote."""
        needed_at = self._positions.get(needed, -1)
        header = [text for text in self.info.headers if text]
        name_header = self.info.headers[needed_at] if needed_at >= 0 else ""
        first = self._table.first_row + 1
        for offset in range(self._start, len(self._table.rows)):
            row = self._table.rows[offset]
            self.row_number = first + offset
            self.ok = True
            filled = 0 <= needed_at < len(row) and row[needed_at] != ""
            if (
                filled and offset > self._start + 3 and len(row) - row.count("") > 3 and row[needed_at] != name_header
            ) or self._is_data(row, filled, header):
                yield row
        self.row_number = 0

    def _is_data(self, row: list[Cell], filled: bool, header: list[str]) -> bool:
        texts = [header_text(cell) for cell in row if cell != ""]
        texts = [text for text in texts if text]
        if not texts:
            return any(cell is None or cell is ... for cell in row)
        if texts[0].startswith(EXAMPLE_MARKS):
            return False
        normal = {normal_header(text) for text in texts}
        if len(normal) >= 2 and len(normal & set(header)) >= max(2, len(normal) * 0.6):
            return False
        footnote = any(text.startswith(FOOTNOTES) for text in texts[:2])
        return not (footnote and len(texts) <= 3) and (filled or len(texts) > 2)

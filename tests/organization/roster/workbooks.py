"""Roster workbooks of our own making, as rows of plain text."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from jiafang.organization.roster.reading import SourceFile
from jiafang.organization.roster.schema import SHEET_OF_KIND, Kind
from jiafang.organization.roster.values.identifiers import check_digit

SCHOOL = "3135020301"
OTHER_SCHOOL = "3135020302"


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]], name: str = "名册.xlsx") -> SourceFile:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    for title, rows in sheets.items():
        sheet = book.add_worksheet(title)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, (int, float)):
                    sheet.write_number(at, column, cell)
                elif cell != "":
                    sheet.write_string(at, column, str(cell))
    book.close()
    return SourceFile(name, buffer.getvalue())


def ours(tables: Mapping[Kind, Sequence[Mapping[str, Any]]], name: str = "名册.xlsx") -> SourceFile:
    """Our own workbook from records by field."""
    sheets = {}
    for kind, records in tables.items():
        sheet = SHEET_OF_KIND[kind]
        fields = [column.field for column in sheet.columns]
        sheets[sheet.name] = [sheet.headers, *([record.get(field, "") for field in fields] for record in records)]
    return workbook(sheets, name)


def id_number(birth: str = "20120915", serial: int = 21) -> str:
    first = f"350203{birth}{serial:03d}"
    return first + check_digit(first)


def registry(birth: str = "20120915", serial: int = 21, letter: str = "G") -> str:
    return letter + id_number(birth, serial)


def small_school(**changes: Sequence[Mapping[str, Any]]) -> dict[Kind, Sequence[Mapping[str, Any]]]:
    """One junior school, two classes, three staff, three children of whom two are siblings."""
    place = {"school": SCHOOL, "stage": "初中", "entry_year": "2024"}
    tables: dict[Kind, Sequence[Mapping[str, Any]]] = {
        Kind.SCHOOLS: [
            {"school": SCHOOL, "name": "云溪中学", "stages": "初中", "township": "云溪镇"},
            {"school": OTHER_SCHOOL, "name": "白鹭中学", "stages": "初中", "township": "白鹭镇"},
        ],
        Kind.COHORTS: [{**place, "lead": "T1"}],
        Kind.CLASSES: [
            {**place, "class_name": "1班", "homeroom": "T1"},
            {**place, "class_name": "2班", "homeroom": "T2"},
            {**place, "school": OTHER_SCHOOL, "class_name": "1班"},
        ],
        Kind.STAFF: [
            {"school": "", "number": "J1", "name": "郑局", "posts": "局长", "phone": "13800000001"},
            {"school": SCHOOL, "number": "T1", "name": "林知秋", "phone": "13800000011", "posts": "德育副校长"},
            {"school": SCHOOL, "number": "T2", "name": "陈致远", "sex": "男", "phone": "13800000012", "posts": "校长"},
        ],
        Kind.TEACHING: [{**place, "class_name": "1班", "number": "T2", "subject": "语文"}],
        Kind.STUDENTS: [
            {
                **place, "class_name": "1班", "registry_number": registry(serial=11), "name": "陈一帆", "sex": "男",
                "birth_date": "2012-09-15", "township": "云溪镇", "village": "白鹭村", "address": "白鹭村十二号院",
                "tags": "留守儿童",
            },
            {
                **place, "class_name": "2班", "registry_number": registry(serial=12), "name": "陈一诺", "sex": "女",
                "birth_date": "2012-09-15", "township": "云溪镇", "village": "白鹭村", "address": "白鹭村十二号院",
            },
            {
                **place, "class_name": "2班", "registry_number": registry(serial=13), "name": "许嘉禾", "sex": "女",
                "birth_date": "2012-09-15",
            },
        ],
        Kind.GUARDIANS: [
            {
                "registry_number": registry(serial=11), "student_name": "陈一帆", "name": "陈致远", "relation": "父亲",
                "phone": "13800000012", "is_primary": "是",
            },
            {
                "registry_number": registry(serial=12), "student_name": "陈一诺", "name": "陈致远", "relation": "父亲",
                "phone": "13800000012", "is_primary": "是",
            },
            {
                "registry_number": registry(serial=13), "student_name": "许嘉禾", "name": "许若水", "relation": "母亲",
                "phone": "13800000099",
            },
        ],
    }  # fmt: skip
    tables.update({Kind(kind): rows for kind, rows in changes.items()})
    return tables

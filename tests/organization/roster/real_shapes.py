"""Rosters in the shape in which bureaus and schools really have them; every name is invented."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from jiafang.organization.roster.reading import SourceFile
from tests.organization.roster.workbooks import SCHOOL, id_number, registry

REGISTRY_HEADERS = [
    "序号", "学校标识码", "学校名称", "年级", "班级", "学籍号", "学籍辅号", "姓名", "姓名拼音", "性别",
    "出生日期", "身份证件类型", "身份证件号", "民族", "入学年月", "现住址", "联系电话", "就读方式",
    "是否留守儿童", "随迁子女", "是否孤儿", "残疾类型",
]  # fmt: skip
MEMBER_HEADERS = ["姓名", "关系", "联系电话", "是否监护人", "工作单位"]


def registry_export() -> SourceFile:
    """The district's export: two title rows, merged headers over two rows, family members across."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("Sheet1")
    width = len(REGISTRY_HEADERS) + 2 * len(MEMBER_HEADERS)
    sheet.merge_range(0, 0, 0, width - 1, "云溪县2026-2027学年第一学期中小学生学籍信息表")
    sheet.merge_range(1, 0, 1, width - 1, "导出单位:云溪县教育局   导出时间:2026-10-08")
    for column, header in enumerate(REGISTRY_HEADERS):
        sheet.merge_range(2, column, 3, column, header)
    for number in (1, 2):
        left = len(REGISTRY_HEADERS) + (number - 1) * len(MEMBER_HEADERS)
        sheet.merge_range(2, left, 2, left + len(MEMBER_HEADERS) - 1, f"成员{number}")
        sheet.write_row(3, left, MEMBER_HEADERS)
    for at, row in enumerate(_registry_rows(), start=4):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    sheet.merge_range(8, 0, 8, 6, "合计:4 人")
    book.close()
    return SourceFile("学籍导出.xlsx", buffer.getvalue())


def _registry_rows() -> list[list[Any]]:
    def child(n: int, name: str, school: tuple[str, str], grade: str, group: str, **more: Any) -> list[Any]:
        return [
            n, *school, grade, group, registry(serial=n), f"X{n}", name, "pinyin", more.get("sex", "男"),
            20120915, "居民身份证", id_number(serial=n), "汉族", "202609", "云溪镇白鹭村十二号", "13800000101",
            more.get("boarding", "走读"), more.get("left", "非留守儿童"), "否", "否", more.get("disability", "无残疾"),
            *more["members"],
        ]  # fmt: skip

    middle, primary = ("3135020301", "云溪中学"), ("2135020302", "云溪县双桥小学")
    father = ["陈致远", "父亲", "13800000101", "是", "某公司"]
    mother = ["林若水", "母亲", "13800000102", "是", "务农"]
    grandmother = ["苏书瑶", "奶奶", "13800000103", "否", ""]
    nobody = ["", "", "", "", ""]
    return [
        child(11, "陈一帆", middle, "七年级", "1班", members=[*father, *mother]),
        child(12, "陈一诺", primary, "三年级", "三年级(2)班", sex="女", members=[*father, *nobody]),
        child(13, "许嘉禾", middle, "初二", "02", left="是", boarding="住校", members=[*mother, *grandmother]),
        child(14, "叶雨桐", middle, "九年级", "九(3)班", disability="视力残疾", members=[*grandmother, *nobody]),
    ]


def class_lists() -> SourceFile:
    """A school's own lists: one sheet for each class, title and homeroom teacher above."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    for number, names in ((1, ["陈一帆", "许嘉禾"]), (2, ["叶雨桐", "洪景行"])):
        sheet = book.add_worksheet(f"高一{number}班")
        sheet.merge_range(0, 0, 0, 6, f"云溪高级中学2026-2027学年高一({number})班学生花名册")
        sheet.merge_range(1, 0, 1, 6, f"班主任:{'林知秋' if number == 1 else '郑文澜'}    人数:2")
        sheet.write_row(2, 0, ["序号", "姓  名", "性别", "家长姓名", "与学生关系", "联系电话", "家庭住址"])
        for at, name in enumerate(names):
            sheet.write_row(
                3 + at, 0, [at + 1, name, "男", f"{name[0]}立言", "父亲", 13800000200 + number * 10 + at, "双桥镇"]
            )
        sheet.write_row(6, 0, ["说明:本表由班主任填写"])
    book.close()
    return SourceFile("高一年段花名册.xlsx", buffer.getvalue())


STAFF_HEADERS = ["序号", "姓名", "性别", "出生年月", "学历", "职称", "职务及任课情况", "联系电话", "备注"]


def staff_list() -> SourceFile:
    """A school's staff, several posts in one cell."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("教职工花名册")
    sheet.merge_range(0, 0, 0, 8, "云溪高级中学教职工花名册")
    sheet.write_row(1, 0, STAFF_HEADERS)
    people = [
        ("陈致远", "校长、数学教师"),
        ("许若水", "德育副校长,高一1班政治"),
        ("林知秋", "高一(1)班班主任,高一(2)班语文"),
        ("郑文澜", "高一年段长、高一2班班主任\n高一1、2班数学"),
        ("苏书瑶", "专职心理教师"),
        ("蔡明溪", "英语(高一1班、高一2班)"),
        ("庄子衿", "工会主席"),
    ]
    for at, (name, posts) in enumerate(people):
        row = [at + 1, name, "女", "1985.06", "本科", "一级教师", posts, 13800000300 + at, ""]
        sheet.write_row(2 + at, 0, row)
    book.close()
    return SourceFile("教职工花名册.xlsx", buffer.getvalue())


SENIOR_SCHOOL = SCHOOL.replace("301", "309")

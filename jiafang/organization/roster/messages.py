"""The words for every fault: what is wrong, and what to do about it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from jiafang.organization.roster.faults import Fault, Place

WORDS: dict[str, Any] = {
    # files
    "file_empty": gettext_lazy("文件是空的"),
    "file_too_large": gettext_lazy("文件超过 %(limit_mb)s MB,请分成几个文件上传"),
    "file_unpacks_too_large": gettext_lazy("文件解压后超过 %(limit_mb)s MB,为了安全没有读取"),
    "file_too_demanding": gettext_lazy("这个文件太大或结构异常,读取时占用过多,已停止;请另存为新的 .xlsx 再上传"),
    "file_damaged": gettext_lazy("文件已损坏或不是表格;请用 Excel 或 WPS 打开,另存为 .xlsx 再上传"),
    "file_has_password": gettext_lazy("文件设有密码;请去掉密码后再上传"),
    "file_is_a_web_page": gettext_lazy(
        "这个文件其实是网页(有的系统导出的 .xls 是这样);请用 Excel 打开,另存为 .xlsx 再上传"
    ),
    "file_not_a_table": gettext_lazy("这不是表格文件;可以上传 .xlsx、.xls、.csv 或 .zip"),
    "encoding_unknown": gettext_lazy("认不出文字编码;请另存为 UTF-8 的 CSV 或 .xlsx"),
    "archive_in_archive": gettext_lazy("压缩包里还有压缩包,没有读取;请解开后上传"),
    "too_many_entries": gettext_lazy("压缩包里的文件超过 %(limit)s 个"),
    "too_many_files": gettext_lazy("一次最多上传 %(limit)s 个文件"),
    "too_many_sheets": gettext_lazy("工作表超过 %(limit)s 张"),
    "too_many_rows": gettext_lazy("一张表超过 %(limit)s 行;请分成几个文件"),
    "too_many_columns": gettext_lazy("一张表超过 %(limit)s 列;请删去多余的列"),
    "too_many_cells": gettext_lazy("单元格超过 %(limit)s 个;请分成几个文件"),
    "sheet_without_table": gettext_lazy("这张表里没有找到表头,没有读取"),
    "nothing_to_read": gettext_lazy("文件里没有可以导入的表;请对照模板检查"),
    # cells
    "formula_without_value": gettext_lazy("这一格是公式,文件里没有存下它的结果;请复制后“选择性粘贴—数值”,再上传"),
    "error_value": gettext_lazy("这一格是 Excel 的错误值(如 #N/A、#REF!),请改成正确的内容"),
    "text_too_long": gettext_lazy("文字超过 %(limit)s 个字"),
    "name_missing": gettext_lazy("没有填写姓名或名称"),
    "name_has_digits": gettext_lazy("姓名“%(value)s”里有数字,请检查"),
    "sex_unknown": gettext_lazy("性别“%(value)s”认不出,没有保存;请填男或女"),
    "not_yes_or_no": gettext_lazy("“%(value)s”不是“是”或“否”,没有保存"),
    "coordinate_wrong": gettext_lazy("经纬度“%(value)s”不对,没有保存"),
    "date_unknown": gettext_lazy("日期“%(value)s”认不出,没有保存;请写成 2012-09-15"),
    "date_impossible": gettext_lazy("日期“%(value)s”不存在,没有保存"),
    "birth_date_differs": gettext_lazy("出生日期 %(value)s 与身份证件号里的 %(by_id)s 不一致,请核对"),
    "number_cut_by_excel": gettext_lazy(
        "这个号码被 Excel 当成数字,只留下了前 15 位,后面的已经丢失;请在原系统重新导出,把这一列设为文本"
    ),
    "id_number_shape": gettext_lazy("身份证件号应为 18 位,这里是 %(length)s 位,没有保存"),
    "id_number_check": gettext_lazy("身份证件号的校验位不对,没有保存;请核对"),
    "registry_number_shape": gettext_lazy("学籍号“%(value)s”格式不对,应为 G、J 或 L 加 18 位"),
    "registry_number_check": gettext_lazy("学籍号的校验位不对,请核对"),
    "registry_number_lacks_letter": gettext_lazy("学籍号前面少了字母 G、J 或 L,这里像是身份证件号"),
    "school_code_shape": gettext_lazy("学校标识码“%(value)s”不是 10 位数字"),
    "mobile_shape": gettext_lazy("“%(value)s”不是 11 位手机号,没有保存"),
    # units
    "school_missing": gettext_lazy("没有写明学校"),
    "school_unknown": gettext_lazy(
        "没有标识码为 %(value)s 的学校(共 %(count)s 行);请先在“学校”表里加上它,或改正标识码"
    ),
    "school_name_unknown": gettext_lazy("没有名叫“%(value)s”的学校,请核对名称或填写学校标识码"),
    "school_twice": gettext_lazy("学校标识码 %(value)s 出现两次,内容不同(另一处在 %(other)s)"),
    "school_from_roster": gettext_lazy("按名册新建学校:%(name)s(%(value)s)"),
    "parent_unknown": gettext_lazy("没有标识码为 %(value)s 的上级学校"),
    "stage_missing": gettext_lazy("没有写明学段"),
    "stage_unknown": gettext_lazy("学段“%(value)s”认不出;请填幼儿园、小学、初中、高中、中职或特教"),
    "stage_unclear": gettext_lazy("看不出是哪个学段;请写明年级(如 七年级、高一)或加一列学段"),
    "grade_missing": gettext_lazy("没有写明年级或入学年份"),
    "grade_unknown": gettext_lazy("年级“%(value)s”认不出;可以写 三年级、七年级、高一、小班、2023级"),
    "entry_year_unknown": gettext_lazy("入学年份“%(value)s”认不出,请写 4 位年份"),
    "entry_year_far_off": gettext_lazy("入学年份 %(value)s 与 %(school_year)s 学年相差太远,请核对"),
    "class_missing": gettext_lazy("没有写明班级"),
    "class_unknown": gettext_lazy(
        "没有“%(value)s”这个班(共 %(count)s 行)。这个年段现有:%(known)s。请改正班级,或在“班级”表里加上它"
    ),
    # staff
    "staff_without_number": gettext_lazy("没有工号也没有手机号,只能按同校同名来认;请尽量补上"),
    "staff_number_twice": gettext_lazy("工号 %(value)s 有两个人:%(other_name)s(%(other)s)和 %(name)s;请改正其中一个"),
    "staff_unknown": gettext_lazy("没有工号为 %(value)s 的教职工"),
    "staff_name_unknown": gettext_lazy("本校没有名叫“%(value)s”的教职工,这一项没有导入"),
    "staff_name_twice": gettext_lazy("本校有几位“%(value)s”,分不清是哪一位,这一项没有导入;请改填工号"),
    "two_homeroom_teachers": gettext_lazy(
        "%(name)s 有两位班主任:%(first)s(%(other)s)和 %(second)s;一个班只能有一位,请改正"
    ),
    "homeroom_without_class": gettext_lazy("%(name)s 是班主任,但没有写明哪个班,这一项没有导入"),
    "subject_without_class": gettext_lazy("%(name)s 任教%(subject)s,没有写明班级,只登记为教职工"),
    "lead_without_grade": gettext_lazy("%(name)s 是年段长,但没有写明哪个年段,这一项没有导入"),
    "bureau_post_at_school": gettext_lazy("%(name)s 写的是教育局的职务,却在学校的名单里,这一项没有导入"),
    "administrator_not_granted": gettext_lazy("%(name)s 写着“管理员”:导入不会给任何人管理员权限,请在系统里单独设置"),
    "post_unknown": gettext_lazy("职务“%(value)s”系统里用不到,没有保存"),
    "subject_missing": gettext_lazy("没有写明学科"),
    "teacher_missing": gettext_lazy("没有写明任课教师"),
    # children and guardians
    "registry_number_twice": gettext_lazy("学籍号重复:%(name)s 与 %(other_name)s(%(other)s)"),
    "id_number_twice": gettext_lazy("身份证件号重复:%(name)s 与 %(other_name)s(%(other)s)"),
    "child_twice": gettext_lazy(
        "%(name)s 与 %(other)s 的孩子同名同校,可能是同一人;请填写学籍号、出生日期来区分,或删去一行"
    ),
    "row_twice": gettext_lazy("%(name)s 与 %(other)s 重复,只取一行"),
    "student_missing": gettext_lazy("没有写明是哪位学生的家长"),
    "relation_missing": gettext_lazy("没有写明与学生的关系"),
    "guardian_child_unknown": gettext_lazy("名册里没有学生“%(value)s”,这位家长没有对上"),
    "guardian_child_several": gettext_lazy("有几位学生叫“%(value)s”,分不清是哪一位;请填写学生学籍号"),
    "guardian_child_name_differs": gettext_lazy("学籍号对应的学生是 %(other)s,这里写的是 %(value)s"),
    "guardian_revoked": gettext_lazy(
        "“%(value)s”以前是 %(other)s 的家长,已被撤销,没有重新联系;要恢复,请管理员到孩子的页面上办"
    ),
    "guardian_without_name": gettext_lazy("只有家长电话,没有姓名,先记作“某某家长”"),
    "two_primary_contacts": gettext_lazy("%(name)s 有两位主要联系人,取第一位"),
}
NUMBER_NAMES = {
    "id_number": gettext_lazy("身份证件号"),
    "registry_number": gettext_lazy("学籍号"),
    "number": gettext_lazy("工号"),
}


def words(fault: Fault) -> str:
    """What is wrong, in the language of the page."""
    return fault_words(fault.code, fault.params)


def fault_words(code: str, params: dict[str, Any]) -> str:
    text = str(WORDS[code]) if code in WORDS else code
    return text % params if "%(" in text else text


def column_letters(number: int) -> str:
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def place_words(place: Place) -> str:
    """学生 第 12 行 H 列(手机号)."""
    parts = [place.sheet or place.file]
    if place.row:
        parts.append(_("第 %(row)s 行") % {"row": place.row})
    if place.column:
        parts.append(_("%(column)s 列") % {"column": column_letters(place.column)})
    text = " ".join(part for part in parts if part)
    return (
        pgettext("place in a sheet", "%(place)s(%(header)s)") % {"place": text, "header": place.header}
        if (place.header)
        else text
    )

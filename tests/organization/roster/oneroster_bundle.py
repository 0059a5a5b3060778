"""OneRoster bundles of versions 1.1 and 1.2, of the same invented school."""

import csv
import io
import zipfile

from jiafang.organization.roster.reading import SourceFile
from tests.organization.roster.workbooks import SCHOOL, registry

CLASSES = [
    ("c1", "七年级1班", "07", "homeroom", ""),
    ("c2", "七年级2班", "07", "homeroom", ""),
    ("k1", "语文", "07", "scheduled", "语文"),
]
STUDENTS = [("s1", "陈", "一帆", 11, "p1"), ("s2", "许", "嘉禾", 13, "p2")]
TEACHERS = [("t1", "林", "知秋", "teacher"), ("t2", "郑", "文澜", "teacher"), ("t3", "蔡", "明溪", "principal")]
PARENTS = [("p1", "陈", "致远", "13800000101"), ("p2", "许", "若水", "13800000102")]
ENROLLMENTS = [
    ("c1", "s1", "student", "false"),
    ("c2", "s2", "student", "false"),
    ("k1", "s1", "student", "false"),
    ("c1", "t1", "teacher", "true"),
    ("c2", "t2", "teacher", "true"),
    ("k1", "t2", "teacher", "true"),
]


def _csv(header: str, rows: list[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return buffer.getvalue()


def bundle(version: str) -> SourceFile:
    files = {
        "manifest.csv": _csv("propertyName,value", [("oneroster.version", version), ("file.users", "bulk")]),
        "orgs.csv": _csv(
            "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
            [("d", "", "", "云溪县教育局", "district", "", ""), ("o1", "", "", "云溪中学", "school", SCHOOL, "d")],
        ),
        "classes.csv": _csv(
            "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
            "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
            [
                (key, "", "", title, grade, "", "", kind, "", "o1", "", subject, "", "")
                for key, title, grade, kind, subject in CLASSES
            ],
        ),
        "enrollments.csv": _csv(
            "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
            [
                (f"e{n}", "", "", group, "o1", user, role, first, "", "")
                for n, (group, user, role, first) in enumerate(ENROLLMENTS)
            ],
        ),
        "demographics.csv": _csv(
            "sourcedId,status,dateLastModified,birthDate,sex",
            [("s1", "", "", "2012-09-15", "male"), ("p1", "", "", "", "male"), ("p2", "", "", "", "female")],
        ),
    }
    files |= _users_of_1_1() if version == "1.1" else _users_of_1_2()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"oneroster/{name}", text)
    return SourceFile(f"oneroster-{version}.zip", buffer.getvalue())


def _people() -> list[tuple[str, str, str, str, str, str, str]]:
    """id, role, family, given, identifier, phone, agents."""
    students = [
        (key, "student", family, given, registry(serial=n), "", agent) for key, family, given, n, agent in STUDENTS
    ]
    teachers = [(key, role, family, given, key.upper(), "", "") for key, family, given, role in TEACHERS]
    parents = [(key, "parent", family, given, "", phone, "") for key, family, given, phone in PARENTS]
    return [*students, *teachers, *parents]


def _users_of_1_1() -> dict[str, str]:
    header = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    header += "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"
    rows = [
        (
            key, "", "", "true", "o1", "teacher" if role == "principal" else role, key, "", given, family,
            "", identifier, "", phone, "", agents, "", "",
        )
        for key, role, family, given, identifier, phone, agents in _people()
    ]  # fmt: skip
    gone = ("s9", "tobedeleted", "", "true", "o1", "student", "s9", "", "走了", "谁", "", "", "", "", "", "", "", "")
    return {"users.csv": _csv(header, [*rows, gone])}


def _users_of_1_2() -> dict[str, str]:
    header = (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,"
    )
    header += "email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,primaryOrgSourcedId"
    rows = [
        (key, "", "", "true", key, "", given, family, "", identifier, "", phone, "", agents, "", "", "", "o1")
        for key, _, family, given, identifier, phone, agents in _people()
    ]
    roles = [(f"r{key}", "", "", key, "primary", role, "", "", "o1", "") for key, role, *_ in _people()]
    role_header = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    role_header += "userProfileSourcedId"
    return {"users.csv": _csv(header, rows), "roles.csv": _csv(role_header, roles)}

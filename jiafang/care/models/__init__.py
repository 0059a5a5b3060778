"""Cases, the work on them, and who reads it."""

from jiafang.care.models.case import INNER_SIDES, OWN_SIDES, CaseFile, CaseReader, CaseStep, Side
from jiafang.care.models.catalogue import (
    OTHER,
    OWN_MATTERS,
    AlertTier,
    BureauSection,
    Category,
    CategoryRule,
    Level,
    Role,
    SectionMember,
    SubjectKind,
)
from jiafang.care.models.escalation import Escalation, SavedFilter
from jiafang.care.models.mandatory import MandatoryReport, ReportAddition, SealedReader, StandingSealedReader
from jiafang.care.models.tally import CaseTally
from jiafang.care.models.thread import Message, MessageReceipt
from jiafang.care.models.work import CaseAction, ChecklistTick, Measure, Progress, Referral, Resource

__all__ = [
    "INNER_SIDES",
    "OTHER",
    "OWN_MATTERS",
    "OWN_SIDES",
    "AlertTier",
    "BureauSection",
    "CaseAction",
    "CaseFile",
    "CaseReader",
    "CaseStep",
    "CaseTally",
    "Category",
    "CategoryRule",
    "ChecklistTick",
    "Escalation",
    "Level",
    "MandatoryReport",
    "Measure",
    "Message",
    "MessageReceipt",
    "Progress",
    "Referral",
    "ReportAddition",
    "Resource",
    "Role",
    "SavedFilter",
    "SealedReader",
    "SectionMember",
    "Side",
    "StandingSealedReader",
    "SubjectKind",
]

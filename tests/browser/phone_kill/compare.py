"""What the server has at the end, against what the phone has called saved."""

from collections import Counter

from jiafang.visits.models import HeldItem, Visit
from tests.browser.phone_kill.teacher import Teacher


def faults_of(teacher: Teacher) -> list[str]:
    """Every promise that was not kept: lost, doubled or half."""
    visits = list(Visit.unscoped.filter(recorded_by=teacher.person).prefetch_related("revisions", "attachments"))
    held = [bytes(item.content).decode("utf-8", "replace") for item in HeldItem.unscoped.filter(person=teacher.person)]
    texts: Counter[str] = Counter()
    for visit in visits:
        texts[visit.finding] += 1
        for revision in visit.revisions.all():
            texts.update(text for text in all_texts(teacher) if text in revision.body)
    faults = []
    for record in teacher.records:
        for version in record.versions:
            there = texts[version.text]
            if there > 1:
                faults.append(f"doubled: {version.text} is there {there} times")
            if version.said and not there and not any(version.text in content for content in held):
                faults.append(f"lost: {version.text}")
            photos = [visit.attachments.count() for visit in visits if visit.finding == version.text]
            if version.photo and photos and len(record.versions) == 1 and photos != [1]:
                faults.append(f"half or doubled: {version.text} has {photos[0]} photos")
    known = set(all_texts(teacher))
    faults += [f"from nowhere: {visit.finding}" for visit in visits if visit.finding not in known]
    return faults


def all_texts(teacher: Teacher) -> list[str]:
    return [version.text for record in teacher.records for version in record.versions]

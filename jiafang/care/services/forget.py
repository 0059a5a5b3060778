"""Cases about a person who is erased: their texts go with the keys, that there was a case stays."""

from collections.abc import Iterator

from jiafang.care.models import CaseFile, Progress
from jiafang.keys.erasure import Subject, keys_about_person


@keys_about_person("care")
def keys_of_cases(person_id: int) -> Iterator[Subject]:
    Progress.unscoped.filter(person_id=person_id).delete()
    about = CaseFile.unscoped.filter(person_id=person_id).order_by("pk").select_for_update(of=("self",))
    for pk in about.values_list("pk", flat=True):
        yield "case", str(pk)

"""The parts of a record's form that unfold: own words about each of those met, and what is to be worried about."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.care.models import AlertTier
from jiafang.visits.axes import AXES
from jiafang.visits.body import Body, ConcernDraft, NoteDraft
from jiafang.visits.categories import is_offered
from jiafang.visits.limits import MAX_TEXT
from jiafang.visits.selectors.recording import Recording

# Of more people than these a line about each is asked for, not one for each axis.
SEPARATELY = 3


@dataclass(frozen=True)
class NotesOf:
    """The text fields about one of those met."""

    name: str
    duty_id: int
    fields: list[forms.BoundField]


def note_key(person_id: int, axis: str) -> str:
    return f"note-{person_id}-{axis}"


def note_fields(recording: Recording, saved: Body | None) -> dict[tuple[int, str], forms.CharField]:
    """(person, axis) → a field: for each axis, for several people in general too; what was written always has one."""
    axes = [(axis.code, axis.label) for axis in AXES[recording.campaign.tier]]
    in_general = [("", gettext_lazy("其他想说的") if len(recording.duties) == 1 else gettext_lazy("总的"))]
    written = {(note.person_id, note.axis): note.text for note in saved.notes} if saved else {}
    found = {}
    for duty in recording.duties:
        for code, label in [*in_general, *axes]:
            offered = code == "" if len(recording.duties) > SEPARATELY else bool(code) or len(recording.duties) > 1
            key = duty.person_id, code
            if offered or key in written:
                attrs = {"rows": 1, "maxlength": MAX_TEXT}
                found[key] = forms.CharField(
                    label=str(label),
                    required=False,
                    max_length=MAX_TEXT,
                    initial=written.get(key, ""),
                    widget=forms.Textarea(attrs=attrs),
                )
    return found


def notes_of(form: forms.Form, recording: Recording, keys: Sequence[tuple[int, str]]) -> list[NotesOf]:
    """The fields as the page draws them, person by person."""
    return [
        NotesOf(
            duty.person.name,
            duty.pk,
            [form[note_key(*key)] for key in keys if key[0] == duty.person_id],
        )
        for duty in recording.duties
    ]


def drafts_of_notes(cleaned: dict[str, Any], keys: Sequence[tuple[int, str]]) -> list[NoteDraft]:
    found = [NoteDraft(person_id, axis, cleaned[note_key(person_id, axis)].strip()) for person_id, axis in keys]
    return [note for note in found if note.text]


class ConcernForm(forms.Form):
    """One difficulty; without words there is none, and one whose words are taken away is withdrawn."""

    concern_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    person = forms.TypedChoiceField(label=gettext_lazy("是谁的事"), coerce=int, required=False)
    text = forms.CharField(
        label=gettext_lazy("什么事"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MAX_TEXT}),
    )
    category = forms.ChoiceField(label=gettext_lazy("哪一类"), required=False)
    alert_tier = forms.ChoiceField(
        label=gettext_lazy("有多急"),
        required=False,
        widget=forms.RadioSelect,
        choices=AlertTier.choices,
        initial=AlertTier.GREEN,
    )
    follow_up = forms.BooleanField(label=gettext_lazy("需要有人跟进"), required=False, initial=True)

    def __init__(self, *args: Any, recording: Recording, saved: ConcernDraft | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(duty.person_id, duty.person.name) for duty in recording.duties]
        self._only = people[0][0] if len(people) == 1 else None
        self.saved = saved
        was = saved.category if saved else ""
        offered = [
            (row.code, row.name)
            for row in recording.categories
            if row.code == was or is_offered(row, recording.campaign.tier)
        ]
        for name, choices in (("person", people), ("category", [("", _("请选一类")), *offered])):
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = choices
        if self._only is not None:
            self.fields["person"].widget = forms.HiddenInput()
        self.initial = {**self.initial, **self._known(people[0][0])}

    def _known(self, first: int) -> dict[str, Any]:
        if self.saved is None:
            return {"concern_id": uuid.uuid4(), "person": first}
        return {
            "concern_id": self.saved.id,
            "person": self.saved.person_id,
            "text": self.saved.text,
            "category": self.saved.category,
            "alert_tier": self.saved.alert_tier,
            "follow_up": self.saved.follow_up,
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("text", "").strip():
            if not cleaned.get("category"):
                self.add_error("category", _("请选这件事是哪一类"))
            if not cleaned.get("person") and self._only is None:
                self.add_error("person", _("请选是谁的事"))
        return cleaned

    def draft(self) -> ConcernDraft | None:
        """What was written; None where nothing was."""
        cleaned = self.cleaned_data
        if not cleaned["text"].strip():
            return None
        return ConcernDraft(
            id=self.saved.id if self.saved else cleaned["concern_id"] or uuid.uuid4(),
            person_id=self._only if self._only is not None else cleaned["person"],
            category=cleaned["category"],
            alert_tier=cleaned["alert_tier"] or AlertTier.GREEN,
            text=cleaned["text"],
            follow_up=cleaned["follow_up"],
        )


def concern_forms(data: Any, recording: Recording, saved: Body | None) -> list[ConcernForm]:
    """One form for each concern that is there, and an empty one."""
    there: list[ConcernDraft | None] = [*(saved.concerns if saved else ()), None]
    return [ConcernForm(data, recording=recording, saved=one, prefix=f"concern-{n}") for n, one in enumerate(there)]

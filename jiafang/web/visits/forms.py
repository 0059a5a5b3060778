"""The short form of a record: nearly everything is known, what remains is a few taps."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiafang.campaigns.models import Channel, Tier
from jiafang.common.clock import at
from jiafang.visits.axes import AXES
from jiafang.visits.body import Body, ParticipantDraft
from jiafang.visits.limits import MAX_RELATION, MAX_TEXT
from jiafang.visits.selectors.recording import Recording
from jiafang.web.visits.heard import (
    NotesOf,
    concern_forms,
    drafts_of_notes,
    note_fields,
    note_key,
    notes_of,
)

OTHER = "other"
# Whoever is met in a talk is there: a room of forty need not be ticked twice.
MET = "met"
YES_NO = [("yes", gettext_lazy("要回访")), ("no", gettext_lazy("不用"))]


def offer(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    """Set the choices of a field that depend on who asks."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class RecordForm(forms.Form):
    """`recording` says what is known; errors of the service are put to the fields named here."""

    visit_id = forms.UUIDField(widget=forms.HiddenInput)
    base_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    form_seconds = forms.IntegerField(widget=forms.HiddenInput(attrs={"data-seconds": ""}), required=False)
    duties = forms.TypedMultipleChoiceField(
        label=gettext_lazy("这次见的是"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    channel = forms.ChoiceField(label=gettext_lazy("方式"), widget=forms.RadioSelect, choices=Channel.choices)
    people = forms.MultipleChoiceField(label=gettext_lazy("谁在场"), widget=forms.CheckboxSelectMultiple)
    other_relation = forms.CharField(
        label=gettext_lazy("其他在场的人"),
        max_length=MAX_RELATION,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("如:姑姑、邻居")}),
    )
    day = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label=gettext_lazy("时间"), widget=forms.TimeInput(attrs={"type": "time"}))
    chips = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    finding = forms.CharField(
        label=gettext_lazy("一句话记录"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(
            attrs={"rows": 2, "maxlength": MAX_TEXT, "placeholder": gettext_lazy("点了上面的可以不写")}
        ),
    )
    guardian_opinion = forms.CharField(
        label=gettext_lazy("家长意见"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MAX_TEXT}),
    )
    notices_conveyed = forms.BooleanField(label=gettext_lazy("要告知的事已经说了"), required=False)
    follow_up = forms.ChoiceField(label=gettext_lazy("要不要再回访?"), widget=forms.RadioSelect, choices=YES_NO)

    def __init__(self, *args: Any, recording: Recording, saved: Body | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recording, self.saved = recording, saved
        self.family = recording.campaign.tier == Tier.TEACHER_FAMILY
        self._present = _maybe_present(recording, saved)
        people = [(key, label) for key, (_who, _relation, label) in self._present.items()]
        if not self.family and saved is None and len(recording.duties) > 1:
            people = [(MET, _("这次见的人"))]
        self._own_channels = [key for key, _label in people if key != MET] + [OTHER]
        offer(self, "people", [*people, (OTHER, _("其他人"))])
        offer(self, "duties", [(duty.pk, duty.person.name) for duty in recording.duties])
        offer(self, "chips", [(c.code, c.label) for axis in AXES[recording.campaign.tier] for c in axis.chips])
        labels = dict(people) | {OTHER: _("其他人")}
        for key in self._own_channels:
            self.fields[f"channel-{key}"] = forms.ChoiceField(
                label=labels[key], required=False, choices=[("", _("和上面一样")), *Channel.choices]
            )
        notes = note_fields(recording, saved)
        self._notes = list(notes)
        self.fields.update({note_key(*key): field for key, field in notes.items()})
        self.concerns = concern_forms(self.data if self.is_bound else None, recording, saved)
        if not self.family:
            self.fields["guardian_opinion"].label = _("对方的意见")
        self.fields["people"].error_messages["required"] = _("请选谁在场")
        self.fields["follow_up"].error_messages["required"] = _("请选要不要回访")

    @property
    def channels(self) -> list[forms.BoundField]:
        """In which way each took part, where it was not the way of the visit."""
        return [self[f"channel-{key}"] for key in self._own_channels]

    @property
    def has_channels(self) -> bool:
        return any(bound.value() for bound in self.channels)

    @property
    def notes(self) -> list[NotesOf]:
        return notes_of(self, self.recording, self._notes)

    @property
    def has_notes(self) -> bool:
        return any(bound.value() for person in self.notes for bound in person.fields)

    @property
    def has_concerns(self) -> bool:
        return any(concern["text"].value() for concern in self.concerns)

    @property
    def axes(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """(axis, [(code, label, ticked)]) for the chips."""
        ticked = set(self["chips"].value() or ())
        return [
            (str(axis.label), [(chip.code, str(chip.label), chip.code in ticked) for chip in axis.chips])
            for axis in AXES[self.recording.campaign.tier]
        ]

    @property
    def unseen_errors(self) -> list[str]:
        """Faults of fields that are not drawn as fields."""
        hidden = ["chips", "visit_id", "base_revision", "form_seconds"]
        hidden += [] if len(self.recording.duties) > 1 else ["duties"]
        return [str(error) for name in hidden for error in self.errors.get(name, ())]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if OTHER in cleaned.get("people", ()) and not cleaned.get("other_relation", "").strip():
            self.add_error("other_relation", _("请写清是孩子的什么人"))
        checked = [concern.is_valid() for concern in self.concerns]
        if not all(checked):
            self.add_error(None, _("请看看“放心不下的事”那里"))
        return cleaned

    def to_record(self) -> dict[str, Any]:
        """The arguments of `record_visit`."""
        cleaned = self.cleaned_data
        chosen = set(cleaned["duties"])
        participants = []
        for key in cleaned["people"]:
            channel = cleaned.get(f"channel-{key}") or cleaned["channel"]
            for person_id, relation in self._who(key, chosen):
                participants.append(ParticipantDraft(relation=relation, channel=channel, person_id=person_id))
        started_at = at(cleaned["day"], cleaned["time"])
        return {
            "campaign": self.recording.campaign,
            "appointment": self.recording.appointment,
            "duties": [duty for duty in self.recording.duties if duty.pk in chosen],
            "channel": cleaned["channel"],
            "started_at": started_at,
            "ended_at": self._ended_at(started_at),
            "participants": participants,
            "finding": cleaned["finding"],
            "chips": cleaned["chips"],
            "guardian_opinion": cleaned["guardian_opinion"],
            "notices_conveyed": cleaned["notices_conveyed"],
            "notes": drafts_of_notes(cleaned, self._notes),
            "concerns": [draft for draft in (concern.draft() for concern in self.concerns) if draft is not None],
            "follow_up": cleaned["follow_up"] == "yes",
            "form_seconds": cleaned["form_seconds"],
            "visit_id": cleaned["visit_id"],
            "base_revision": cleaned["base_revision"],
        }

    def _who(self, key: str, chosen: set[int]) -> list[tuple[int | None, str]]:
        """(person, relation) of those whom a choice stands for."""
        if key == OTHER:
            return [(None, self.cleaned_data["other_relation"].strip())]
        if key == MET:
            return [(duty.person_id, _("本人")) for duty in self.recording.duties if duty.pk in chosen]
        person_id, relation, _label = self._present[key]
        return [(person_id, relation)]

    def _ended_at(self, started_at: dt.datetime) -> dt.datetime | None:
        """A visit whose beginning is corrected lasted as long as was recorded."""
        if self.saved is None or self.saved.ended_at is None:
            return None
        before = self.saved.started_at.replace(second=0, microsecond=0)
        return self.saved.ended_at + (started_at - before)


def _maybe_present(recording: Recording, saved: Body | None) -> dict[str, tuple[int | None, str, str]]:
    """Key → (person, relation, label) of those who may have been there: guardians, those met, whoever was recorded."""
    found: dict[str, tuple[int | None, str, str]] = {}
    for guardian in recording.guardians:
        found[f"p{guardian.person_id}"] = guardian.person_id, guardian.relation, f"{guardian.relation} {guardian.name}"
    relation = _("学生本人") if recording.campaign.tier == Tier.TEACHER_FAMILY else _("本人")
    for duty in recording.duties:
        found[f"p{duty.person_id}"] = duty.person_id, relation, f"{duty.person.name}({relation})"
    for number, who in enumerate(saved.participants if saved else ()):
        key = f"p{who.person_id}"
        if key not in found:
            found[f"r{number}"] = who.person_id, who.relation, who.relation
    return found


# Where a fault of the service is shown.
FIELD_OF = {"started_at": "time", "ended_at": "time", "participants": "people"}


def known_beforehand(recording: Recording, visit_id: uuid.UUID, started: dt.datetime) -> dict[str, Any]:
    """What is filled in already: channel and time of the appointment, the primary contact or the person met."""
    appointment = recording.appointment
    local = timezone.localtime(started)
    first = next((who.person_id for who in recording.guardians if who.is_primary), None)
    if first is None:
        first = recording.guardians[0].person_id if recording.guardians else recording.duties[0].person_id
    planned = appointment is not None or len(recording.duties) == 1
    talk = recording.campaign.tier != Tier.TEACHER_FAMILY
    return {
        "visit_id": visit_id,
        "duties": [duty.pk for duty in (recording.duties if planned else recording.duties[:1])],
        "channel": appointment.channel if appointment else Channel.AT_SCHOOL if talk else Channel.PHONE,
        "people": [MET] if talk and len(recording.duties) > 1 else [f"p{first}"],
        "day": local.date(),
        "time": local.time().replace(second=0, microsecond=0),
    }


def as_recorded(recording: Recording, visit_id: uuid.UUID, revision: int, body: Body) -> dict[str, Any]:
    """The form filled with a saved record."""
    local = timezone.localtime(body.started_at)
    known = {f"p{who.person_id}" for who in recording.guardians} | {f"p{duty.person_id}" for duty in recording.duties}
    channels = {}
    for number, who in enumerate(body.participants):
        key = f"p{who.person_id}" if f"p{who.person_id}" in known else f"r{number}"
        channels[key] = "" if who.channel == body.channel else who.channel
    return {
        "visit_id": visit_id,
        "base_revision": revision,
        "duties": list(body.duty_ids),
        "channel": body.channel,
        "people": list(channels),
        "day": local.date(),
        "time": local.time().replace(second=0, microsecond=0),
        "chips": list(body.chips),
        "finding": body.finding,
        "guardian_opinion": body.guardian_opinion,
        "notices_conveyed": body.notices_conveyed,
        "follow_up": "yes" if body.follow_up else "no",
        **{f"channel-{key}": channel for key, channel in channels.items()},
    }

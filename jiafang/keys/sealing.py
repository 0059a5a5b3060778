"""Rows that seal their fields when they are saved, one or many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, ClassVar, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.db import connection, models, transaction

from jiafang.common.models import Scoped
from jiafang.keys.datakeys import keyring, keys_for_writing, new_keys
from jiafang.keys.fields import Erased, Sealed, SealedField, key_of

Row = TypeVar("Row", bound=models.Model)
Keys = dict[str, dict[str, tuple[int, AESGCM]]]


@cache
def sealed_fields(model: type[models.Model]) -> tuple[SealedField, ...]:
    """The sealed fields of a model."""
    return tuple(field for field in model._meta.concrete_fields if isinstance(field, SealedField))


def sealed_models() -> list[type[models.Model]]:
    """Every model with a sealed field."""
    return [model for model in apps.get_models() if sealed_fields(model)]


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids that rows will have, known before they are written: a text is sealed for its row."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _holds_text(row: models.Model, fields: Iterable[SealedField]) -> bool:
    return any(row.__dict__.get(field.attname) for field in fields)


def seal_rows(rows: Sequence[models.Model], fields: Sequence[SealedField]) -> None:
    """Seal these fields of rows of one model under the current keys of their subjects; inside a transaction."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for field in fields:
        for row in rows:
            if row.__dict__.get(field.attname):
                wanted[field.purpose].add(str(getattr(row, field.subject)))
    keys: Keys = {purpose: keys_for_writing(purpose, subjects) for purpose, subjects in wanted.items()}
    for field in fields:
        for row in rows:
            value = row.__dict__.get(field.attname)
            if value:
                key_id, key = keys[field.purpose][str(getattr(row, field.subject))]
                row.__dict__[field.attname] = _sealed(field, value, row.pk, key_id, key)


def _sealed(field: SealedField, value: Any, pk: Any, key_id: int, key: AESGCM) -> Sealed | str:
    if isinstance(value, Sealed):
        may_differ = field.changes_in_place and value.is_opened
        if not may_differ and key_of(value.stored) == key_id:
            return value
        value.open(pk)  # reads the row again if a rotation moved it meanwhile
        if value.is_erased() or (not may_differ and key_of(value.stored) == key_id):
            return value
        value = value.open(pk)
    if isinstance(value, Erased):
        return ""
    return Sealed(field, field.seal(value, pk, key_id, key), keyring(connection), value)


class SealedManager(models.Manager[Row]):
    """Creates many sealed rows at once."""

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        rows = list(objs)
        fields = sealed_fields(self.model)
        with_text = [row for row in rows if _holds_text(row, fields)]
        if not with_text:
            return super().bulk_create(rows, *args, **kwargs)
        with transaction.atomic(savepoint=False):
            new = [row for row in with_text if row.pk is None]
            for row, pk in zip(new, reserve_ids(self.model, len(new)), strict=True):
                row.pk = pk
            seal_rows(with_text, fields)
            return super().bulk_create(rows, *args, **kwargs)


class SealedRow(Scoped):
    """A scoped row with sealed fields."""

    seals_before_saving = True

    unscoped: ClassVar[models.Manager[Any]] = SealedManager()

    class Meta(Scoped.Meta):
        abstract = True

    def save(
        self,
        *args: Any,
        force_insert: Any = False,
        update_fields: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        update_fields = None if update_fields is None else list(update_fields)
        assert not args, "save() is given keywords only"
        fields = [f for f in sealed_fields(type(self)) if update_fields is None or f.name in update_fields]
        if not _holds_text(self, fields):
            super().save(force_insert=force_insert, update_fields=update_fields, **kwargs)
            return
        # Key and text are written together or not at all, and the key stays locked until both are.
        with transaction.atomic(savepoint=False):
            if self.pk is None:
                self.pk, force_insert = reserve_ids(type(self), 1)[0], True
            seal_rows([self], fields)
            super().save(force_insert=force_insert, update_fields=update_fields, **kwargs)


def seal_columns(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], *, new: bool
) -> list[Sequence[Any]]:
    """Rows of plain values, for a bulk write, with their sealed columns sealed; `id` is among the names.

    Rows whose subjects are `new` have no keys yet, which saves looking for them.
    """
    fields = {name: field for name in names if isinstance(field := model._meta.get_field(name), SealedField)}
    if not fields:
        return list(rows)
    id_at = names.index("id")
    places = [(names.index(name), field) for name, field in fields.items()]
    assert all(field.subject == "pk" for field in fields.values()), "rows written in bulk are their own subject"
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for at, field in places:
            if row[at]:
                wanted[field.purpose].add(str(row[id_at]))
    make = new_keys if new else keys_for_writing
    keys = {purpose: make(purpose, subjects) for purpose, subjects in wanted.items()}
    sealed: list[Sequence[Any]] = []
    for row in rows:
        values = list(row)
        for at, field in places:
            if values[at]:
                key_id, key = keys[field.purpose][str(row[id_at])]
                values[at] = field.seal(values[at], row[id_at], key_id, key)
            else:
                values[at] = b""
        sealed.append(values)
    return sealed

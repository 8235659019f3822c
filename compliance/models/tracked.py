"""The base of the working copy's models: nothing is written without who, when and why.

A tracked record is saved and deleted inside a changeset, one by one or many at once (`bulk`). Each
write is validated, leaves a history row, and raises the version of the record, so that nobody
overwrites what they have not seen.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models, transaction
from simple_history.models import HistoricalRecords

from compliance.models.changesets import Changeset, StaleRecord, current_changeset
from compliance.page import lengths, slugs, text, urls


@cache
def _typed_texts(model: type[models.Model]) -> "tuple[models.Field[Any, Any], ...]":
    """Return the fields of a model that hold texts which people write, and no addresses."""
    return tuple(
        field
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.URLField)
        and field.editable
    )


class TrackedHistory(models.Model):
    """The base of history rows and reviews: rows that belong to a changeset."""

    changeset = models.ForeignKey(Changeset, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row as part of the open changeset; raises NoChangeset if none is open."""
        opened = current_changeset()
        self.changeset = opened.ensure_saved()
        super().save(*args, **kwargs)
        opened.add_row(self)


class ChangesetRecords(HistoricalRecords):
    """The history of django-simple-history, with user and reason from the open changeset.

    The library would take the user from the request, which commands do not have.
    """

    def get_history_user(self, instance: models.Model) -> Any:
        """Return the user of the open changeset, None if a command edits without one."""
        return current_changeset().ensure_saved().by

    def get_change_reason_for_object(
        self, instance: models.Model, history_type: str, using: str | None
    ) -> str:
        return current_changeset().ensure_saved().reason


class TrackedQuerySet(models.QuerySet[Any]):
    """A queryset that refuses the writes of which simple-history sees nothing."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise NotImplementedError(
            "update() leaves no history. Change the records, then save_all() them."
        )

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("bulk_create() leaves no history. Use save_all().")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("bulk_update() leaves no history. Use save_all().")


class Tracked(models.Model):
    """A record of the working copy. Every write of it is validated and leaves a history row."""

    # How often the record or a part of it was written. It is compared on every write, so that two
    # editors who read the same version cannot both write it. It says nothing about the world, so
    # the history does not have it (ADR 0009).
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    objects = TrackedQuerySet.as_manager()
    # simple-history has no types. On a class or an instance, this is the manager of its history.
    history: Any = ChangesetRecords(  # type: ignore[no-untyped-call]
        inherit=True,
        bases=[TrackedHistory],
        history_id_field=models.BigAutoField(),
        excluded_fields=["lock_version"],
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Validate and write the whole record with its history row.

        Raises ValidationError, NoChangeset if no changeset is open, StaleRecord if somebody else
        wrote or deleted the record or its aggregate after it was read, ValueError if
        `update_fields` is given: the history row would log values that were not saved.
        """
        if kwargs.get("update_fields") is not None:
            raise ValueError(
                "A tracked record is saved whole: update_fields would log what was not saved."
            )
        opened = current_changeset()
        opened.ensure_saved()
        with transaction.atomic():
            self.validate()
            aggregate = self.aggregate()
            if aggregate is not self:
                opened.bump_version(aggregate)
            if not self._state.adding:
                self.lock_version = opened.version(self) + 1
            super().save(*args, **kwargs)
            opened.note_version(self)

    def _save_table(
        self,
        raw: bool = False,
        cls: Any = None,
        force_insert: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Write the row; a new one is inserted, also one that brings its key.

        Django would first try to update a row with the same key, past the history. A dump, whose
        rows are `raw`, brings the history rows itself.
        """
        is_new = force_insert or raw or self._state.adding
        return super()._save_table(raw, cls, is_new, *args, **kwargs)  # type: ignore[misc]

    def _do_update(self, base_qs: Any, *args: Any) -> Any:
        """Update the row if it still has the version before; raises StaleRecord if it does not.

        Django calls this to update a row. The condition is part of the UPDATE, so that nobody can
        write between a check and the write.
        """
        unchanged = base_qs.filter(lock_version=self.lock_version - 1)
        is_written = super()._do_update(unchanged, *args)
        if not is_written:
            raise StaleRecord(self)
        return is_written

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record with its parts, each leaving a history row.

        Raises NoChangeset if no changeset is open, ProtectedError if another record refers to it,
        StaleRecord if somebody else wrote it or its aggregate after it was read.
        """
        opened = current_changeset()
        opened.ensure_saved()
        self.refuse_deletion()
        with transaction.atomic():
            opened.bump_version(self)
            opened.bump_version(self.aggregate())
            return super().delete(*args, **kwargs)

    def refuse_deletion(self) -> None:
        """Raise ProtectedError where the record is still needed and no foreign key says so."""

    @classmethod
    def prepare_all(cls, records: Sequence["Tracked"]) -> None:
        """Set what `save` would set on each record, for records that are saved together."""

    @property
    def _history_date(self) -> datetime:
        """The moment of a history row, which simple-history asks for: that of its changeset."""
        return current_changeset().ensure_saved().recorded_at

    @property
    def part_of(self) -> "Tracked | None":
        """The record that this one is a part of, None if it is a root."""
        return None

    def aggregate(self) -> "Tracked":
        """Return the root of the record: what it is a part of, or else itself.

        Writing a part raises the version of the root too, because both are edited on one form.
        """
        return self if self.part_of is None else self.part_of.aggregate()

    def validate(self, *, with_queries: bool = True) -> None:
        """Validate the record; without queries, leave its constraints to the database.

        A ValidationError has the record as attribute `record`, so that an import of many records
        can name the one that is wrong.
        """
        try:
            self.full_clean(
                exclude=self._loaded_relations(),
                validate_unique=with_queries,
                validate_constraints=with_queries,
            )
        except ValidationError as error:
            error.record = self  # type: ignore[attr-defined]
            raise

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Validate the constraints: the checks in one query, as Django takes three for each."""
        excluded = set(exclude or ())
        passed = self._passed_checks(excluded)
        errors: dict[str, Any] = {}
        for model, constraints in self.get_constraints():
            for constraint in constraints:
                if constraint in passed:
                    continue
                try:
                    constraint.validate(model, self, exclude=excluded)
                except ValidationError as error:
                    errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def _passed_checks(self, excluded: set[str]) -> list[models.CheckConstraint]:
        """Return the checks that the record passes, if it passes all that can be asked."""
        checks = [
            check
            for check in self._meta.constraints
            if isinstance(check, models.CheckConstraint)
            and excluded.isdisjoint(models.Q(check.condition).referenced_base_fields)
        ]
        if not checks:
            return []
        condition = models.Q(*(check.condition for check in checks))
        together = models.CheckConstraint(condition=condition, name="together")
        try:
            together.validate(type(self), self, exclude=excluded)
        except ValidationError:
            return []
        return checks

    def set(self, **values: Any) -> bool:
        """Change the given fields, and save the record if one differs or the record is new.

        Returns whether a field differed. If a part goes to another root, the versions of both roots
        are raised.
        """
        changed = {name: value for name, value in values.items() if self._differs(name, value)}
        former_root = self.aggregate() if changed and not self._state.adding else self
        if self.assign(**changed):
            self.save()
        # In this order: the root of a part that did not change would be read for nothing.
        if former_root is not self and former_root != self.aggregate():
            current_changeset().bump_version(former_root)
        return bool(changed)

    def assign(self, **values: Any) -> bool:
        """Change the given fields; return whether the record has to be saved for it.

        It has to be if a field differed or the record is new.
        """
        is_new = self._state.adding
        changed = values
        if not is_new:
            changed = {name: value for name, value in values.items() if self._differs(name, value)}
        for name, value in changed.items():
            setattr(self, name, value)
        return is_new or bool(changed)

    def _differs(self, name: str, value: Any) -> bool:
        field = self._meta.get_field(name)
        if isinstance(field, models.ForeignKey):
            # By id, because reading the related record would be a query.
            return bool(getattr(self, field.attname) != (value and value.pk))
        if field in _typed_texts(type(self)):
            value = self.normalised_text(field, value)
        return bool(getattr(self, name) != value)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Normalise and validate each field; refuse texts and URLs that may not be published.

        Raises ValidationError with the faults by field.
        """
        for field in _typed_texts(type(self)):
            setattr(self, field.name, self.normalised_text(field, getattr(self, field.name)))
        faults: dict[str, list[Any]] = {}
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as error:
            faults = error.update_error_dict({})
            for refusal in chain.from_iterable(faults.values()):
                if refusal.code == "max_length":
                    refusal.message = lengths.TOO_LONG
        for field in self._meta.fields:
            # Of an address, Django says only that it is no valid one.
            is_judged = field.name in faults and not isinstance(field, models.URLField)
            if not is_judged and (fault := self.text_fault(field)):
                faults[field.name] = [fault]
        if faults:
            raise ValidationError(faults)

    def normalised_text(self, field: "models.Field[Any, Any]", value: Any) -> Any:
        """Return a text as it is stored: what reads the same is the same."""
        if not isinstance(value, str):
            return value
        if isinstance(field, models.TextField):
            return "\n".join(map(text.normalised, value.split("\n")))
        return text.normalised(value)

    def text_fault(self, field: "models.Field[Any, Any]") -> str | None:
        """Return a sentence on a text or URL that may not be published, else None."""
        value = getattr(self, field.attname)
        if not isinstance(value, str) or not value:
            return None
        if isinstance(field, models.URLField):
            return urls.url_fault(value)
        return text.fault(value, multiline=isinstance(field, models.TextField))

    def _loaded_relations(self) -> Collection[str]:
        """Return the foreign keys whose record is loaded and saved.

        full_clean() would ask the database of each whether the record exists.
        """
        return {
            field.name
            for field in self._meta.fields
            if isinstance(field, models.ForeignKey)
            and field.is_cached(self)
            and (target := getattr(self, field.name)) is not None
            and not target._state.adding
        }


class Named(Tracked):
    """A tracked record with a unique name, and a slug for its public address.

    The slug is made from the first name, and stays when the name changes. It is never given to
    another record, also after a deletion, so that an old link cannot lead to something else.
    """

    name = models.CharField(max_length=lengths.NAME.most, unique=True)
    slug = models.CharField(max_length=slugs.LONGEST_SLUG, unique=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = slugs.free_slug(self.name, _SlugsEverGiven(type(self)))
        super().save(*args, **kwargs)

    @classmethod
    def prepare_all(cls, records: Sequence["Tracked"]) -> None:
        """Give slugs to the records without one."""
        unnamed = [record for record in records if isinstance(record, Named) and not record.slug]
        if not unnamed:
            return
        free_slugs = slugs.FreeSlugs(cls.history.values_list("slug", flat=True))
        for record in unnamed:
            record.slug = free_slugs.take(record.name)


class _SlugsEverGiven:
    """The slugs of a model's records, deleted ones included; `in` asks the history."""

    def __init__(self, model: type[Named]) -> None:
        self._model = model

    def __contains__(self, slug: object) -> bool:
        return bool(self._model.history.filter(slug=slug).exists())

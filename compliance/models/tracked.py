"""The base of every tracked record: no write without history, no history without who and why."""

from collections.abc import Collection
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models, transaction
from simple_history.models import HistoricalRecords

from compliance.models.changesets import Changeset, StaleRecord, current_changeset
from compliance.page import slugs, text, urls


class TrackedHistory(models.Model):
    """The base of every history row, and of every review: it belongs to a changeset."""

    changeset = models.ForeignKey(Changeset, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert the row into the open changeset; raises NoChangeset where none is open."""
        act = current_changeset()
        self.changeset = act.ensure_saved()
        super().save(*args, **kwargs)
        act.add_row(self)


class ChangesetRecords(HistoricalRecords):
    """simple-history's records, with who and why taken from the changeset."""

    def get_history_user(self, instance: models.Model) -> Any:
        """Return the user of the open changeset; None where a command edits for nobody in particular."""
        return current_changeset().ensure_saved().by

    def get_change_reason_for_object(
        self, instance: models.Model, history_type: str, using: str | None
    ) -> str:
        """Return the reason of the open changeset."""
        return current_changeset().ensure_saved().reason


class TrackedQuerySet(models.QuerySet[Any]):
    """A queryset without the writes that leave no history."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse: simple-history does not see it."""
        raise NotImplementedError("update() leaves no history. Change and save() each record.")

    def bulk_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: simple-history does not see it."""
        raise NotImplementedError("bulk_create() leaves no history. save() each record.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: simple-history does not see it."""
        raise NotImplementedError("bulk_update() leaves no history. Change and save() each record.")


class Tracked(models.Model):
    """A record whose every write is validated, and atomic with its history row."""

    # How often the record or a part of it was written: no fact, so the history has none of it (ADR 0009).
    lock_version = models.PositiveIntegerField(default=1, editable=False)

    objects = TrackedQuerySet.as_manager()
    # simple-history is untyped; at run time this is the manager of the history.
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

        Raises ValidationError, NoChangeset outside of a changeset, StaleRecord where it or its aggregate was written or
        deleted since it was read, ValueError for a partial save (its history row would log values that were never
        saved).
        """
        if kwargs.get("update_fields") is not None:
            raise ValueError(
                "A tracked record is saved whole: update_fields would log what was not saved."
            )
        act = current_changeset()
        act.ensure_saved()
        with transaction.atomic():
            self._validate()
            if (aggregate := self.aggregate()) is not self:
                act.bump_version(aggregate)
            if not self._state.adding:
                self.lock_version = act.version(self) + 1
            super().save(*args, **kwargs)
            act.note_version(self)

    def _save_table(
        self,
        raw: bool = False,
        cls: Any = None,
        force_insert: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Insert a row that loaddata brings, as it is: it writes over none, and its history comes with it."""
        return super()._save_table(raw, cls, force_insert or raw, *args, **kwargs)  # type: ignore[misc]

    def _do_update(self, base_qs: Any, *args: Any) -> Any:
        """Write over nothing but the version that was read. The database refuses it too (`guards`)."""
        if not (
            written := super()._do_update(base_qs.filter(lock_version=self.lock_version - 1), *args)
        ):
            raise StaleRecord(self)
        return written

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record and what belongs to it, each with its history row.

        Raises NoChangeset, ProtectedError, StaleRecord where it or its aggregate was written since it was read.
        """
        act = current_changeset()
        act.ensure_saved()
        with transaction.atomic():
            act.bump_version(self)
            act.bump_version(self.aggregate())
            return super().delete(*args, **kwargs)

    @property
    def part_of(self) -> "Tracked | None":
        """The record that this one is a part of, None where it stands by itself."""
        return None

    def aggregate(self) -> "Tracked":
        """Return the record whose version moves on with this one: the one that it is a part of, or else itself."""
        return self if self.part_of is None else self.part_of.aggregate()

    def _validate(self) -> None:
        """Validate the record; the ValidationError raised carries it as `record`, for whoever has to name it."""
        try:
            self.full_clean(exclude=self._relations_at_hand())
        except ValidationError as error:
            error.record = self  # type: ignore[attr-defined]
            raise

    def set(self, **values: Any) -> bool:
        """Save the record if one of its values differs; return whether it did.

        A part that goes to another whole moves on both.
        """
        changed = {name: value for name, value in values.items() if self._differs(name, value)}
        left = self.aggregate() if changed and not self._state.adding else self
        for name, value in changed.items():
            setattr(self, name, value)
        if changed or self._state.adding:
            self.save()
        if left != self and left != self.aggregate():
            current_changeset().bump_version(left)
        return bool(changed)

    def _differs(self, name: str, value: Any) -> bool:
        field = self._meta.get_field(name)
        if isinstance(
            field, models.ForeignKey
        ):  # by id, because reading the related record would be a query
            return bool(getattr(self, field.attname) != (value and value.pk))
        return bool(getattr(self, name) != value)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Validate each field; refuse texts and URLs that may not be published, keyed by field."""
        faults: dict[str, list[Any]] = {}
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as error:
            faults = error.update_error_dict({})
        for field in self._meta.fields:
            if field.name not in faults and (fault := self._text_fault(field)):
                faults[field.name] = [fault]
        if faults:
            raise ValidationError(faults)

    def _text_fault(self, field: "models.Field[Any, Any]") -> str | None:
        value = getattr(self, field.attname)
        if not isinstance(value, str) or not value:
            return None
        if isinstance(field, models.URLField):
            return urls.url_fault(value)
        return text.fault(value, multiline=isinstance(field, models.TextField))

    def _relations_at_hand(self) -> Collection[str]:
        """Return the relations whose target is loaded: asking the database whether it exists would be a query each."""
        return {
            field.name
            for field in self._meta.fields
            if isinstance(field, models.ForeignKey)
            and field.is_cached(self)
            and (target := getattr(self, field.name)) is not None
            and not target._state.adding
        }


class Named(Tracked):
    """A tracked record with a unique name, a slug that is set once and never given to another, and other names."""

    name = models.CharField(max_length=200, unique=True)
    slug = models.CharField(max_length=210, unique=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new record its slug, then save as every tracked record."""
        if not self.slug:
            self.slug = slugs.free_slug(self.name, _SlugsEverGiven(type(self)))
        super().save(*args, **kwargs)


class _SlugsEverGiven:
    """The slugs of a model's records, the deleted ones included."""

    def __init__(self, model: type[Named]) -> None:
        self._model = model

    def __contains__(self, slug: object) -> bool:
        return bool(self._model.history.filter(slug=slug).exists())

"""What a process brings up to date from the edits is what it would resolve anew."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from compliance.models import (
    AIModel,
    Citation,
    Column,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionClause,
    RetentionTerm,
    Section,
)
from compliance.models.changesets import StaleRecord, changeset, current_changeset
from compliance.workingcopy import resolve
from tests.factories import (
    STANDARD_COLUMNS,
    cite,
    make_column,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_section,
    make_term,
    state,
)

_COLUMNS = (*STANDARD_COLUMNS, {"role": "places", "label": "Region"}, {"label": "Remarks"})


class Undone(Exception):
    """Rolls back what was written."""


class Hand:
    """An editor who does one thing after another, each at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        with self.changeset():
            self.register = make_register(columns=_COLUMNS, prose="## Chat")
            make_section(self.register, columns=_COLUMNS, prose="## Images")
            for number in range(8):
                self.add_listing(number)
            for _ in range(3):
                self.add_footnote()

    def changeset(self) -> Any:
        return changeset(by=None, label="tests", reason="At random")

    def any(self, model: type[Any]) -> Any:
        """Return some row of a class, None where there is none."""
        rows = list(model.objects.order_by("pk"))
        return self.chance.choice(rows) if rows else None

    def add_listing(self, number: int = 0) -> None:
        term = make_term(clauses=[{"kind": "duration", "duration": "P30D"}])
        provider = self.any(Provider) if number % 3 == 2 else make_provider()
        if number % 2:
            provider.declared_training = "never"
            provider.declared_retention = term
            provider.save()
            make_document(provider)
        listing = make_listing(
            self.any(Section), models=[make_model(), make_model()], providers=[provider]
        )
        if number % 2 == 0:
            state(listing, training="by_default", retention=term, places="Germany", remarks="Words")

    def remove_listing(self) -> None:
        self.any(Listing).delete()

    def move_listing(self) -> None:
        listing = self.any(Listing)
        listing.position = self.chance.randrange(200)
        if not listing.cells.exists():
            listing.section = self.any(Section)
        listing.save()

    def move_part(self) -> None:
        part = self.any(self.chance.choice([ListedModel, ListedProvider]))
        part.listing = self.any(Listing)
        part.save()

    def remove_part(self) -> None:
        self.any(self.chance.choice([ListedModel, ListedProvider, ListedDocument])).delete()

    def list_document(self) -> None:
        ListedDocument(
            listing=self.any(Listing), document=self.any(PolicyDocument), position=10
        ).save()

    def state_claims(self) -> None:
        state(
            self.any(Listing),
            training=self.chance.choice([None, "never", ("never", "No, never")]),
            retention=self.chance.choice([None, self.any(RetentionTerm)]),
        )

    def rename(self) -> None:
        party = self.any(self.chance.choice([AIModel, Provider]))
        party.name += "x"
        party.save()

    def declare(self) -> None:
        provider = self.any(Provider)
        provider.declared_retention = self.any(RetentionTerm)
        provider.save()

    def require(self) -> None:
        model = self.any(AIModel)
        model.retention_floor = self.chance.choice([None, self.any(RetentionTerm)])
        model.save()

    def reword(self) -> None:
        term = self.any(RetentionTerm)
        term.wording += " or so"
        term.save()

    def mean(self) -> None:
        clause = self.any(RetentionClause)
        clause.duration = f"P{self.chance.randrange(1, 99)}D"
        clause.save()

    def document(self) -> None:
        document = self.any(PolicyDocument)
        document.title = f"Policy {self.chance.randrange(99)}"
        document.provider = self.any(Provider)
        document.save()

    def add_document(self) -> None:
        make_document(self.any(Provider))

    def remove_document(self) -> None:
        self.any(PolicyDocument).delete()

    def add_footnote(self) -> None:
        targets = {
            "model": AIModel,
            "provider": Provider,
            "listed_model": ListedModel,
            "listed_provider": ListedProvider,
            "listed_document": ListedDocument,
        }
        field = self.chance.choice(list(targets))
        if target := self.any(targets[field]):
            position = max([note.position for note in Footnote.objects.all()], default=0) + 1
            cite(make_footnote(self.register, position=position), **{field: target})

    def edit_footnote(self) -> None:
        note = self.any(Footnote)
        note.text += " More."
        note.save()

    def renumber(self) -> None:
        note = self.any(Footnote)
        note.position = max(other.position for other in Footnote.objects.all()) + 1
        note.save()

    def remove_citation(self) -> None:
        self.any(Citation).delete()

    def move_citation(self) -> None:
        citation = self.any(Citation)
        citation.footnote = self.any(Footnote)
        citation.save()

    def write(self) -> None:
        section = self.any(Section)
        section.prose += "\n\nMore."
        section.position = self.chance.randrange(100)
        section.save()

    def add_column(self) -> None:
        make_column(self.any(Section), label=f"Column {self.chance.randrange(10**6)}")

    def edit_column(self) -> None:
        column = self.any(Column)
        column.label += "x"
        column.position = self.chance.choice([column.position, self.chance.randrange(100)])
        if column.role == "training":
            column.asks = self.chance.choice(["trains", "does_not_train"])
        column.save()

    def remove_column(self) -> None:
        self.any(Column).delete()

    def edit_register(self) -> None:
        self.register.refresh_from_db()
        self.register.title += "x"
        self.register.language = self.chance.choice(["en", "de"])
        self.register.save()

    def act(self) -> None:
        """Do something, unless the row that it needs is missing or something refuses it."""
        acts: list[Callable[[], None]] = [
            getattr(self, name)
            for name in sorted(vars(Hand))
            if not name.startswith("_") and name not in ("act", "any", "changeset")
        ]
        refused = (AttributeError, ObjectDoesNotExist, ValidationError, ProtectedError, StaleRecord)
        # Before the savepoint: what is rolled back would take the row of the changeset with it.
        current_changeset().ensure_saved()
        with suppress(*refused), transaction.atomic():
            self.chance.choice(acts)()


def anew(register: Register) -> Any:
    """Return the working copy as a process resolves it that remembers nothing."""
    remembered = dict(resolve._remembered)
    resolve.forget()
    try:
        return resolve.working_copy(Register.objects.get(pk=register.pk))
    finally:
        resolve._remembered.clear()
        resolve._remembered.update(remembered)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_what_is_brought_up_to_date_is_what_would_be_resolved_anew(seed):
    hand = Hand(seed)
    for _ in range(40):
        is_undone = hand.chance.random() < 0.3
        try:
            with hand.changeset():
                for _ in range(hand.chance.choice([1, 1, 2, 4])):
                    hand.act()
                inside = resolve.working_copy(hand.register)
                assert inside.snapshot == anew(hand.register).snapshot
                if is_undone:
                    raise Undone
        except Undone:
            pass

        found, expected = resolve.working_copy(hand.register), anew(hand.register)

        assert found.snapshot == expected.snapshot
        assert found.snapshot.canonical_bytes() == expected.snapshot.canonical_bytes()
        assert list(found.known.items()) == list(expected.known.items())
        assert hand.register.title == Register.objects.get().title

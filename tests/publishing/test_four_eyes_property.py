"""Nobody approves what they wrote or moved: random edits, publications and reverts by three people.

An oracle kept apart follows what people do, and not the history: it notes who wrote each text and
who put each thing into a row or beside the rows, or took it away, when it is done. Of each publication it tells what readers have not
seen on the page before, and so who must not approve it.
"""

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compliance.models import (
    AIModel,
    Footnote,
    ListedModel,
    ListedProvider,
    PolicyDocument,
    Provider,
    RetentionTerm,
)
from compliance.models.changesets import changeset
from compliance.publishing import NotPublishable, approve, candidate, outlook, submit
from compliance.publishing.page_before import PageBefore
from compliance.workingcopy.listings import ProviderRow, move_listing, split
from tests.factories import (
    STANDARD_COLUMNS,
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_section,
    make_term,
    make_user,
)
from tests.publications import HOUR, NOON, reverted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EXAMPLES = int(os.environ.get("EXAMPLES", "3"))
# The row of what stands beside the rows.
BESIDE = "beside"


@dataclass
class Page:
    """What a page shows: by row the things that stand there, and the texts that are read there.

    Each has the people who put the thing there, or wrote the text. `removed` has what stood beside
    the rows in the working copy before, with who took it away.
    """

    things: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)
    removed: dict = field(default_factory=dict)

    def all_texts(self):
        return {text for texts in self.texts.values() for text in texts}


def beside(snapshot):
    """Return what a snapshot shows beside its rows, with the texts that are read there."""
    shown = {("note", note.id): {("note", note.text)} for note in snapshot.footnotes}
    for section in snapshot.sections:
        shown["section", section.id] = {("prose", section.prose)}
        for column in section.columns:
            shown["column", section.id, column.key] = set()
    return shown


def held_beside(parts):
    """Return the things beside the rows that stand as they were if parts (keys) are held back."""
    things = set()
    for part in parts:
        kind, _, id = part.partition(":")
        if kind == "footnote":
            things.add(("note", id))
        elif kind == "prose":
            things.add(("section", id))
        elif kind == "column":
            things.add(("column", *id.split("/")))
    return things


class World:
    """A register that three people edit, and the oracle, which follows them."""

    PUBLICATIONS = ("publish", "schedule", "revert")

    def __init__(self, editor, approver):
        self.editor, self.approver = editor, approver
        self.people = [self.person(name) for name in ("ann", "ben", "cid")]
        self.words, self.hours = count(1), 0
        self.done = Counter()
        self.register, elsewhere = make_register(), make_register()
        places = [self.register.sections.get(), self.make_section()]
        providers = [make_provider(self.new_text(), declared_training="never") for _ in range(3)]
        terms = [make_term(self.new_text(), clauses=[{"kind": "none"}]) for _ in range(4)]
        documents = [self.make_document(provider) for provider in providers[:2]]
        models = [make_model(self.new_text()) for _ in range(5)]
        notes = [make_footnote(each, text=self.new_text()) for each in (self.register, elsewhere)]
        for index, place in enumerate(places):
            make_listing(
                place,
                models=models[2 * index : 2 * index + 2],
                providers=[providers[index]],
                retention=terms[index],
            )
        self.keys = {
            Provider: [each.pk for each in providers],
            RetentionTerm: [each.pk for each in terms],
            PolicyDocument: [each.pk for each in documents],
            AIModel: [each.pk for each in models],
            Footnote: [each.pk for each in notes],
        }
        self.wordings = [each.wording for each in terms]
        # The oracle: who wrote the text of a field, and who put a thing into a row or out of it.
        self.writers, self.movers = {}, {}
        self.seen = self.look()
        self.pages, self.base, self.scheduled = {}, Page(), None

    def person(self, name):
        person = make_user(name, role="editor")
        person.groups.add(*self.approver.groups.all())
        return person

    def make_section(self):
        return make_section(self.register, columns=STANDARD_COLUMNS, prose=self.new_text())

    def make_document(self, provider, **values):
        label, url = self.new_text(), f"https://example.com/{next(self.words)}"
        return make_document(provider, **{"label": label, "url": url, **values})

    def new_text(self):
        return f"Text {next(self.words)}"

    def get(self, model, which):
        keys = self.keys[model]
        return model.objects.get(pk=keys[which % len(keys)])

    def listing(self, which):
        # In the order of the page: keys are random, and would tell another story each time.
        listings = list(self.register.listings)
        return listings[which % len(listings)]

    # What the oracle sees

    def look(self):
        """Return by row of the working copy the things that it prints, with their texts by field.

        A field is what is written as one: the label of a document, or a clause. What stands beside
        the rows has a row of its own.
        """
        beside = {}
        for note in self.register.footnotes.all():
            beside["note", str(note.pk)] = {("note", str(note.pk)): note.text}
        for section in self.register.sections.prefetch_related("columns"):
            beside["section", str(section.pk)] = {("prose", str(section.pk)): section.prose}
            for column in section.columns.all():
                beside["column", str(section.pk), column.key] = {}
        rows = {BESIDE: beside}
        for listing in self.register.listings:
            rows[str(listing.pk)] = dict(self._things(listing))
        return rows

    def _things(self, listing):
        yield ("in", str(listing.section_id)), {}
        for listed in listing.listed_models.select_related("model"):
            yield ("model", listed.model_id), {("model", listed.model_id): listed.model.name}
            for mark in listed.citations.all():
                yield ("mark", listed.model_id, mark.footnote_id), {}
        for listed in listing.listed_providers.select_related("provider"):
            name = listed.provider.name
            yield ("provider", listed.provider_id), {("provider", listed.provider_id): name}
            for document in listed.provider.documents.filter(is_default=True):
                yield (
                    ("document", document.pk),
                    {
                        ("label", document.pk): document.label,
                        ("url", document.pk): document.url,
                    },
                )
        for cell in listing.cells.exclude(term=None).select_related("term"):
            texts = {("wording", cell.term_id): cell.term.wording}
            for clause in cell.term.clauses.all():
                texts["clause", clause.pk] = clause.duration or clause.kind
            yield ("term", cell.term_id), texts

    def note_moves(self, person):
        """Let the oracle note who put things into rows, or took them out, since it looked."""
        now = self.look()
        for row in now.keys() | self.seen.keys():
            for thing in now.get(row, {}).keys() ^ self.seen.get(row, {}).keys():
                self.movers[row, thing] = person
        self.seen = now

    def page(self, content):
        """Return the page that a candidate is: what it holds back stays as it was published."""
        page, look = Page(), self.look()
        included = look.keys() - {key.removeprefix("listing:") for key in content.held_back}
        held_back = held_beside(content.held_back)
        for (row, thing), person in self.movers.items():
            if row == BESIDE and thing not in look[BESIDE]:
                page.removed[thing] = person
        for row, things in look.items():
            if row not in included:
                continue
            things = {thing: texts for thing, texts in things.items() if thing not in held_back}
            page.things[row] = {thing: self.movers.get((row, thing)) for thing in things}
            page.texts[row] = defaultdict(set)
            for texts in things.values():
                for written, text in texts.items():
                    page.texts[row][written[0], text].add(self.writers.get(written))
        for row in self.base.things.keys() - page.things.keys():
            page.things[row], page.texts[row] = self.base.things[row], self.base.texts[row]
        shown = beside(content.snapshot)
        staying = shown.keys() - (look[BESIDE].keys() - held_back)
        for thing in self.base.things.get(BESIDE, {}).keys() & staying:
            page.things[BESIDE][thing] = None
            for text in shown[thing]:
                page.texts[BESIDE][text] = self.base.texts[BESIDE][text]
        return page

    def barred(self, page, before):
        """Return who wrote, moved or removed what readers of another page have not seen."""
        known, people = before.all_texts(), set()
        for row, texts in page.texts.items():
            for text, writers in texts.items():
                if text not in known and len(writers) == 1:
                    people |= writers
            standing = before.things.get(row, {})
            people |= {who for thing, who in page.things[row].items() if thing not in standing}
        gone = before.things.get(BESIDE, {}).keys() - page.things[BESIDE].keys()
        people |= {page.removed.get(thing) for thing in gone}
        return people - {None}

    # Acts

    def act(self, act, person, which, other):
        if act in self.PUBLICATIONS:
            getattr(self, act)(which)
            return
        person = self.people[person]
        with transaction.atomic(), changeset(by=person, reason=act):
            is_done = getattr(self, act)(person, which, other)
        if is_done is not False:
            self.done[act] += 1
            self.note_moves(person)

    def schedule(self, which):
        """Publish it after the end of every story, unless something waits for that already."""
        if self.scheduled is None and self.pages:
            self.publish(which, effective_from=NOON + 99 * HOUR)

    def publish(self, which, effective_from=None):
        """Publish all that differs, or all but one row, or all but one or two other parts."""
        self.hours += 1
        content = candidate(self.register, at=self.now)
        listings = [part.key for part in content.listings]
        others = [part.key for part in content.changed if not part.listing]
        asked = set()
        if which % 3 == 2 and listings:
            asked = {sorted(listings)[which % len(listings)]}
        elif which % 3 == 1 and others:
            asked = {others[which % len(others)], others[which // 3 % len(others)]}
        content = candidate(self.register, at=self.now, held_back=asked)
        page = self.page(content)
        try:
            publication = submit(
                self.register,
                by=self.editor,
                at=self.now,
                reason="Publish",
                held_back=asked,
                answers={finding.key: "Known." for finding in content.findings},
                grades={change.key: "neutral" for change in content.to_grade},
                effective_from=effective_from,
            )
        except NotPublishable:
            return
        kinds = {part.partition(":")[0] for part in content.held_back}
        self.done.update(f"{kind} held back" for kind in kinds)
        self.done["published"] += not kinds
        self.decide(publication, page)

    def revert(self, which):
        self.hours += 1
        pages = self.earlier_pages()
        if not pages:
            return
        number = sorted(pages)[which % len(pages)]
        try:
            publication = reverted(self.register, self.editor, to=number, at=self.now)
        except NotPublishable:
            return
        self.done["reverted"] += 1
        self.decide(publication, pages[number])

    def earlier_pages(self):
        """Return the pages that can come again, by the numbers of their publications."""
        earlier = sorted(self.pages)[:-1] or sorted(self.pages)
        return {number: self.pages[number] for number in earlier}

    def decide(self, publication, page):
        expected = self.barred(page, self.base)
        calling_off = []
        if self.scheduled:  # it is called off, so readers will see this page in its place
            expected |= self.barred(page, self.scheduled)
            calling_off = [each.number for each in self.register.publications.standing()]
            self.done["called off"] += 1
        act = {"at": self.now, "calling_off": calling_off}
        shown = publication.content("json").decode()
        for _, text in page.all_texts():
            assert text in shown, "The oracle does not see what the page shows."
        allowed = set()
        for person in self.people:
            if not outlook(publication, by=person, **act).obstacle:
                allowed.add(person)
            self.done["barred" if person in expected else "may approve"] += 1
        missed = ", ".join(sorted(person.username for person in expected & allowed))
        assert not missed, (
            f"{missed} wrote, moved or removed what a publication shows anew, and may approve it."
        )
        sha256 = outlook(publication, by=self.approver, **act).approval_sha256
        approve(publication, by=self.approver, approval_sha256=sha256, **act)
        if publication.requested_effective_from:
            self.scheduled = page
        else:
            self.pages[publication.number] = self.base = page
            self.scheduled = None

    @property
    def now(self):
        return NOON + self.hours * HOUR

    # Edits; False if there is nothing to do

    def rename_term(self, person, which, other):
        term = self.get(RetentionTerm, which)
        term.set(wording=self.new_text())
        self.wordings.append(term.wording)
        self.writers["wording", term.pk] = person

    def take_a_former_wording(self, person, which, other):
        """Give a term a wording that it or another one had, or has: that one gets another."""
        term, wording = self.get(RetentionTerm, which), self.wordings[other % len(self.wordings)]
        if term.wording == wording:
            return False
        for holder in RetentionTerm.objects.filter(wording=wording):
            holder.set(wording=self.new_text())
            self.writers["wording", holder.pk] = person
        term.set(wording=wording)
        self.writers["wording", term.pk] = person
        return True

    def write_clause(self, person, which, other):
        clause = self.get(RetentionTerm, which).clauses.first()
        if clause is None:
            return False
        clause.set(kind="duration", duration=f"P{next(self.words)}D")
        self.writers["clause", clause.pk] = person
        return True

    def move_clause(self, person, which, other):
        clause = self.get(RetentionTerm, which).clauses.first()
        term = self.get(RetentionTerm, other)
        if clause is None or clause.term == term:
            return False
        clause.set(term=term)
        return True

    def state_term(self, person, which, other):
        cell_of(self.listing(which), "retention").set(term=self.get(RetentionTerm, other))

    def copy_document(self, person, which, other):
        """Write a second document of the same provider, kind, label and address."""
        if len(self.keys[PolicyDocument]) > 5:
            return False
        copied = self.get(PolicyDocument, which)
        copy = self.make_document(
            copied.provider, label=copied.label, url=copied.url, is_default=False
        )
        self.keys[PolicyDocument].append(copy.pk)
        self.writers["label", copy.pk] = self.writers["url", copy.pk] = person
        return True

    def rewrite_document(self, person, which, other):
        document = self.get(PolicyDocument, which)
        document.set(label=self.new_text(), url=f"https://example.com/{next(self.words)}")
        self.writers["label", document.pk] = self.writers["url", document.pk] = person

    def show_or_hide_document(self, person, which, other):
        document = self.get(PolicyDocument, which)
        document.set(is_default=not document.is_default)

    def move_document(self, person, which, other):
        self.get(PolicyDocument, which).set(provider=self.get(Provider, other))

    def rename_provider(self, person, which, other):
        provider = self.get(Provider, which)
        provider.set(name=self.new_text())
        self.writers["provider", provider.pk] = person

    def list_or_drop_provider(self, person, which, other):
        listing, provider = self.listing(which), self.get(Provider, other)
        listed = listing.listed_providers.filter(provider=provider).first()
        if listed is None:
            ListedProvider(listing=listing, provider=provider, position=99).save()
        elif listing.listed_providers.count() > 1:
            listed.delete()

    def rename_model(self, person, which, other):
        model = self.get(AIModel, which)
        model.set(name=self.new_text())
        self.writers["model", model.pk] = person

    def list_or_move_model(self, person, which, other):
        listing, model = self.listing(which), self.get(AIModel, other)
        listed = ListedModel.objects.filter(model=model).first()
        if listed is None:
            ListedModel(listing=listing, model=model, position=99).save()
        elif listed.listing == listing or listed.listing.listed_models.count() == 1:
            return False
        else:
            listed.set(listing=listing, position=99)
        return True

    def split_row(self, person, which, other):
        listing = self.listing(which)
        if listing.listed_models.count() < 2 or self.register.listings.count() > 3:
            return False
        row = ProviderRow(self.get(Provider, other))
        moved = [listing.listed_models.first()]
        split(moved, providers=[row], copying_terms=True, after=listing)
        return True

    def write_note(self, person, which, other):
        note = self.get(Footnote, which)
        note.set(text=self.new_text())
        self.writers["note", str(note.pk)] = person

    def bring_note(self, person, which, other):
        """Bring the footnote of another register onto the page."""
        note = self.get(Footnote, 1)
        if note.register == self.register:
            return False
        note.set(register=self.register, position=90)
        return True

    def mark_or_unmark_model(self, person, which, other):
        """Mark a model of a row with a footnote of the page, or take the mark away."""
        note = self.register.footnotes.first()
        listed = self.listing(which).listed_models.first()
        if note is None or listed is None:
            return False
        mark = listed.citations.first()
        if mark is None:
            cite(note, listed_model=listed)
        else:
            mark.delete()
        return True

    def remove_note(self, person, which, other):
        note = self.register.footnotes.first()
        if note is None or note.citations.exists() or len(self.keys[Footnote]) == 1:
            return False
        self.keys[Footnote].remove(note.pk)
        note.delete()
        return True

    def write_prose(self, person, which, other):
        section = self.listing(which).section
        section.set(prose=self.new_text())
        self.writers["prose", str(section.pk)] = person

    def move_row(self, person, which, other):
        listing = self.listing(which)
        sections = list(self.register.sections.exclude(pk=listing.section_id))
        if not sections:
            return False
        move_listing(listing, to=sections[other % len(sections)], after=None)
        return True

    def remove_section(self, person, which, other):
        """Remove a section whose rows have all been moved away."""
        section = self.register.sections.filter(listings=None).first()
        if section is None:
            return False
        section.delete()
        return True

    def remove_column(self, person, which, other):
        """Remove a column that states what providers declare."""
        column = self.listing(which).section.columns.filter(key="training").first()
        if column is None:
            return False
        column.delete()
        return True


EDITS = [
    "rename_term", "take_a_former_wording", "write_clause", "move_clause", "state_term",
    "copy_document", "rewrite_document", "show_or_hide_document", "move_document",
    "rename_provider", "list_or_drop_provider", "rename_model", "list_or_move_model",
    "split_row", "write_note", "bring_note", "mark_or_unmark_model", "remove_note",
    "write_prose", "move_row", "remove_section", "remove_column",
]  # fmt: skip
numbers = st.integers(0, 11)
edits = st.tuples(st.sampled_from(EDITS), st.integers(0, 2), numbers, numbers)
ANN, BEN, CID = range(3)
publications = st.tuples(
    st.sampled_from(["publish", "publish", "publish", "schedule", "revert"]),
    st.just(ANN),
    numbers,
    numbers,
)
# A few edits, then a publication, several times over.
stories = st.lists(
    st.tuples(st.lists(edits, min_size=1, max_size=6), publications), min_size=2, max_size=4
)
PUBLISH, HOLD_A_ROW_BACK, HOLD_TEXTS_BACK, SCHEDULE = (
    ("publish", ANN, 0, 0),
    ("publish", ANN, 2, 0),
    ("publish", ANN, 4, 0),
    ("schedule", ANN, 0, 0),
)
# Ann writes a second document like one of the page and rewrites it. Ben shows it later.
A_SECOND_DOCUMENT = [
    ([("rename_model", BEN, 0, 0)], PUBLISH),
    ([("copy_document", ANN, 0, 0), ("rewrite_document", ANN, 2, 0)], PUBLISH),
    ([("rename_model", BEN, 1, 0)], PUBLISH),
    ([("show_or_hide_document", BEN, 2, 0)], PUBLISH),
]
# Each removes something beside the rows, which a page with a row held back goes on showing.
A_COLUMN_AND_A_FOOTNOTE = [
    ([("mark_or_unmark_model", CID, 0, 0)], PUBLISH),
    (
        [
            ("mark_or_unmark_model", CID, 0, 0), ("remove_note", ANN, 0, 0),
            ("remove_column", BEN, 0, 0), ("write_prose", CID, 0, 0),
        ],
        HOLD_A_ROW_BACK,
    ),
    ([("write_prose", CID, 0, 0)], PUBLISH),
]  # fmt: skip
A_SECTION = [
    ([("rename_model", CID, 0, 0)], PUBLISH),
    (
        [
            ("move_row", CID, 0, 0), ("remove_section", ANN, 0, 0),
            ("bring_note", CID, 0, 0),
        ],
        HOLD_A_ROW_BACK,
    ),
    ([("write_note", CID, 0, 0)], PUBLISH),
]  # fmt: skip
# Texts are held back one after the other; Ann's prose is old when it is published at last.
TEXTS_BESIDE_THE_ROWS = [
    ([("mark_or_unmark_model", CID, 0, 0)], PUBLISH),
    (
        [
            ("write_prose", ANN, 1, 0), ("write_note", BEN, 0, 0),
            ("remove_column", CID, 1, 0),
        ],
        ("publish", ANN, 1, 0),
    ),
    ([("write_prose", BEN, 0, 0)], HOLD_TEXTS_BACK),
    ([("write_note", CID, 0, 0)], ("publish", ANN, 7, 0)),
    ([("rename_model", CID, 0, 0)], PUBLISH),
]  # fmt: skip
# Ann's wordings would be corrected, but a page that holds the correction back calls it off.
A_CALLING_OFF = [
    ([("rename_term", ANN, 0, 0), ("rename_term", ANN, 1, 0)], PUBLISH),
    ([("state_term", BEN, 0, 3)], SCHEDULE),
    ([("bring_note", BEN, 0, 0)], HOLD_A_ROW_BACK),
]


# Something of everything, so that the property is never about nothing.
STORY = [
    ([("rename_model", ANN, 0, 0), ("write_note", ANN, 1, 0)], PUBLISH),
    ([("rename_term", BEN, 0, 0), ("take_a_former_wording", CID, 1, 0)], PUBLISH),
    ([("write_clause", ANN, 2, 0), ("move_clause", BEN, 2, 0)], ("publish", ANN, 2, 0)),
    ([("copy_document", CID, 0, 0), ("rewrite_document", CID, 2, 0)], PUBLISH),
    ([("move_document", BEN, 2, 1), ("show_or_hide_document", ANN, 2, 0)], PUBLISH),
    ([("list_or_drop_provider", CID, 0, 2), ("split_row", ANN, 0, 1)], ("publish", ANN, 5, 0)),
    ([("list_or_move_model", BEN, 0, 4), ("state_term", CID, 1, 3)], ("revert", ANN, 0, 0)),
    ([("rename_provider", BEN, 2, 0), ("bring_note", CID, 0, 0)], PUBLISH),
    ([("mark_or_unmark_model", ANN, 0, 0), ("write_prose", BEN, 1, 0)], SCHEDULE),
    ([("write_note", CID, 0, 0)], ("publish", ANN, 2, 0)),
]


@pytest.fixture(autouse=True)
def without_rendering(monkeypatch):
    """Freeze JSON alone: nobody reads the other formats here, and rendering takes most time."""

    def frozen(snapshot):
        return {"json": snapshot.canonical_bytes(), "md": b"", "csv": b"", "html": b""}

    # By the module's name: the package has a function of the same name.
    for module in ("submit", "decide"):
        monkeypatch.setattr(import_module(f"compliance.publishing.{module}"), "artefacts", frozen)


def tell(story, editor, approver, *, make_world=World):
    """Do what a story tells to a new register, and undo it; return how often what was done."""
    with transaction.atomic():
        world = make_world(editor, approver)
        for acts, publication in story:
            for act in [*acts, publication]:
                world.act(*act)
        transaction.set_rollback(True)
    return world.done


def test_nobody_may_approve_what_they_wrote_or_moved(editor, approver):
    done = Counter()

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @example(STORY)
    @example(A_COLUMN_AND_A_FOOTNOTE)
    @example(A_SECTION)
    @example(TEXTS_BESIDE_THE_ROWS)
    @example(A_CALLING_OFF)
    @given(stories)
    def holds(story):
        done.update(tell(story, editor, approver))

    holds()

    assert {
        *EDITS,
        "published",
        "listing held back",
        "prose held back",
        "footnote held back",
        "column held back",
        "reverted",
        "called off",
        "barred",
        "may approve",
    } <= set(+done)


class EverNamed(PageBefore):
    """The rule of before: a document is on the page if it ever had a name that stands there."""

    def __init__(self, base):
        super().__init__(base)
        names = defaultdict(set)
        for row in self.snapshot.rows() if self.snapshot else ():
            for item in row.documents:
                names[item.provider, item.kind, item.plain, item.url] |= {self.listings[row.id]}
        for document in PolicyDocument.history.select_related("provider"):
            name = (document.provider.slug, document.kind, document.label, document.url)
            for published in names.get(name, ()):
                if document.changeset_id <= published:
                    self.documents[str(document.id)].add(published)


def test_what_once_had_a_name_of_the_page_was_not_shown_by_it(editor, approver):
    assert tell(A_SECOND_DOCUMENT, editor, approver)["barred"] > 0


def test_under_the_rule_of_names_the_property_fails(editor, approver, monkeypatch):
    monkeypatch.setattr("compliance.publishing.contributions.page_before", EverNamed)

    with pytest.raises(AssertionError, match="ann wrote, moved or removed"):
        tell(A_SECOND_DOCUMENT, editor, approver)


@pytest.fixture
def without_the_rules(monkeypatch):
    """Let pages with parts held back count as published whole, and anybody call off."""
    monkeypatch.setattr(PageBefore, "texts_published", lambda self, changed: self.captured)
    monkeypatch.setattr(PageBefore, "published", lambda self, part, **options: self.captured)
    monkeypatch.setattr(
        "compliance.publishing.decide._obstacle_to_calling_off",
        lambda onto, carried, by: "",
    )


STORIES = [
    (A_COLUMN_AND_A_FOOTNOTE, "ann, ben"),
    (A_SECTION, "ann"),
    (TEXTS_BESIDE_THE_ROWS, "ann"),
    (A_CALLING_OFF, "ann"),
]


@pytest.mark.parametrize(("story", "people"), STORIES)
def test_without_the_rules_for_parts_held_back_the_property_fails(
    without_the_rules, editor, approver, story, people
):
    with pytest.raises(AssertionError, match=f"^{people} wrote, moved or removed"):
        tell(story, editor, approver)

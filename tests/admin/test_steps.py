"""What a person opens and types in the admin to get from one revision of a page to the next."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from compliance.models import Citation, Footnote, Listing, Provider, Register
from compliance.page import snapshot, table
from compliance.page.formats import markdown
from compliance.workingcopy.importing import import_page
from compliance.workingcopy.matching import RowParties, match_listings
from compliance.workingcopy.resolve import capture
from tests.factories import make_user
from tests.forms import complaints, form_values
from tests.pages import REVISIONS

pytestmark = pytest.mark.django_db

# From one page to the next; then, for a person in the admin, how many forms are opened, fields and lines are typed; and
# for one who retypes the table, how many cells and texts differ, and how many lines stand in them. Reasons come on top.
STEPS = [
    (2, 3, (10, 12, 14), (14, 18)),
    (3, 4, (16, 27, 33), (18, 43)),
    (4, 5, (13, 26, 31), (31, 52)),
]


def page_of(revision: int) -> snapshot.Snapshot:
    return markdown.parse(REVISIONS[revision - 1].read_text(encoding="utf-8"))


@dataclass
class Person:
    """A person at the forms of the admin. Counts forms opened, fields and lines typed."""

    client: Client
    forms: int = 0
    fields: int = 0
    lines: int = 0

    def fill(self, url: str, **typed: Any) -> None:
        """Open a form, type what differs from what it holds, say why, and save it."""
        present = form_values(self.client.get(url).content)
        different = {
            name: value for name, value in typed.items() if _text(present.get(name)) != _text(value)
        }
        self._count(present, different)
        answer = self.client.post(url, {**present, **different, "reason": "As the page says now"})
        assert complaints(answer) == "", complaints(answer)

    def act(self, url: str, **typed: Any) -> None:
        """Open an act, type it, look at what it changes, and do exactly that."""
        present = form_values(self.client.get(url).content)
        different = {
            name: value for name, value in typed.items() if _text(present.get(name)) != _text(value)
        }
        self._count(present, different)
        shown = self.client.post(
            url, {**present, **typed, "reason": "As the page says now", "_preview": ""}
        )
        assert shown.context["preview"], shown.context["form"].errors
        assert self.client.post(url, {**form_values(shown.content), "_do": ""}).status_code == 302

    def delete(self, url: str) -> None:
        self.forms += 1
        version = self.client.get(url).context["version"]
        self.client.post(url, {"post": "yes", "reason": "As the page says now", "version": version})

    def _count(self, present: dict[str, Any], typed: dict[str, Any]) -> None:
        self.forms += 1
        typed = {name: value for name, value in typed.items() if not _is_there(name, value)}
        self.fields += len(typed)
        for name, value in typed.items():
            had = _text(present.get(name)).splitlines()
            self.lines += len([line for line in _text(value).splitlines() if line not in had]) or 1


def _is_there(name: str, value: Any) -> bool:
    """Return whether the form of a new part has this value already."""
    return name.endswith(("-TOTAL_FORMS", "-is_default", "-review_interval")) or (
        name.endswith("-kind") and value == "privacy_policy"
    )


def _text(value: Any) -> str:
    return "\n".join(str("" if value is None else value).splitlines())


def change(record: Any) -> str:
    return reverse(f"admin:compliance_{record._meta.model_name}_change", args=[record.pk])


def add(model: Any) -> str:
    return reverse(f"admin:compliance_{model._meta.model_name}_add")


def act(record: Any, name: str) -> str:
    return reverse(f"admin:compliance_{record._meta.model_name}_act", args=[record.pk, name])


def marked(each: Any, name: str, everywhere: Collection[int] = ()) -> str:
    numbers = ", ".join(str(number) for number in each.footnotes if number not in everywhere)
    return f"{name} [{numbers}]" if numbers else name


class Editor:
    """Edits a register until it prints like a page, by the forms alone."""

    def __init__(self, person: Person, register: Register, wanted: snapshot.Snapshot) -> None:
        self.person, self.register, self.wanted = person, register, wanted

    def make(self) -> None:
        self._register()
        self._footnotes()
        self._providers()
        self._rows()
        self._order()

    def _register(self) -> None:
        title, prose = self.wanted.register.title, self.wanted.sections[0].prose
        section = self.register.sections.first()
        if (prose, title) != (section.prose, self.register.title):
            typed = {f"section-{section.pk.hex}-prose": prose, "title": title}
            self.person.fill(change(self.register), **typed)

    def _footnotes(self) -> None:
        """Type the notes that differ, by number; those that nothing cites any more go at the end."""
        known = {note.position: note for note in self.register.footnotes.all()}
        for note in self.wanted.footnotes:
            if note.number not in known:
                self.person.fill(add(Footnote), register=self.register.pk, text=note.text)
            elif known[note.number].text != note.text:
                self.person.fill(change(known[note.number]), text=note.text)

    def _providers(self) -> None:
        """Make the providers that are new, with the documents that the page gives them."""
        known = set(Provider.objects.values_list("name", flat=True))
        for name in dict.fromkeys(
            each.text for row in self.wanted.rows() for each in row.providers
        ):
            if name not in known:
                documents = self._documents_of(name)
                typed = {"name": name, "documents-TOTAL_FORMS": len(documents)}
                for number, document in enumerate(documents):
                    typed |= {
                        f"documents-{number}-kind": document.kind.value,
                        f"documents-{number}-label": document.text,
                        f"documents-{number}-url": document.url or "",
                        f"documents-{number}-is_default": "on",
                        f"documents-{number}-review_interval": "12",
                    }
                self.person.fill(add(Provider), **typed)

    def _documents_of(self, name: str) -> list[table.DocumentItem]:
        for row in self.wanted.rows():
            ids = {each.provider for each in row.providers if each.text == name}
            if found := [each for each in row.documents if each.provider in ids]:
                return found
        return []

    def _rows(self) -> None:
        standing = list(self.register.listings.all())
        now, wanted = list(capture(self.register).rows()), list(self.wanted.rows())
        partners = match_listings([_row(each) for each in now], [_row(each) for each in wanted])
        for index, listing in enumerate(standing):
            if index not in partners:
                self.person.delete(reverse("admin:compliance_listing_delete", args=[listing.pk]))
        behind: Listing | None = None
        for row, index in zip(wanted, partners, strict=True):
            typed = self._typed(row)
            if index is None and (like := self._like(row, behind)):
                known = list(self.register.listings.values_list("pk", flat=True))
                lines = {
                    "model_lines": typed["cell_models"],
                    "provider_lines": typed["cell_providers"],
                }
                self.person.act(act(like, "alike"), after=behind.pk if behind else "", **lines)
                behind = self.register.listings.exclude(pk__in=known).get()
                self._documents(behind, row)
            elif index is None:
                self.person.fill(add(Listing), **typed)
                behind = self.register.listings.last()
                self._documents(behind, row)
            else:
                behind = standing[index]
                if [(each.text, each.footnotes) for each in now[index].providers] == [
                    (each.text, each.footnotes) for each in row.providers
                ]:
                    del typed["cell_providers"]
                if claim(now[index], "retention").text == claim(row, "retention").text:
                    del typed["cell_retention"]
                if claim(now[index], "training").text == claim(row, "training").text:
                    del typed["cell_training"]
                if any(self._differs(now[index], row)):
                    self.person.fill(change(standing[index]), **typed)
                self._documents(standing[index], row)

    def _like(self, row: table.Row, behind: Listing | None) -> Listing | None:
        """Return a row on the same terms, if possible the one behind which the new one comes."""
        terms = claim(row, "training"), claim(row, "retention")
        alike = [
            Listing.objects.get(pk=each.id)
            for each in capture(self.register).rows()
            if (claim(each, "training"), claim(each, "retention")) == terms
        ]
        alike = [listing for listing in alike if not listing.listed_documents.exists()]
        return behind if behind in alike else next(iter(alike), None)

    def _differs(self, now: table.Row, row: table.Row) -> Any:
        yield self._typed(now) | {"position": ""} != self._typed(row) | {"position": ""}

    def _typed(self, row: table.Row) -> dict[str, Any]:
        retention = claim(row, "retention")
        return {
            "cell_models": "\n".join(marked(each, each.text) for each in row.models),
            "cell_providers": "\n".join(
                marked(each, each.text, self._everywhere(each)) for each in row.providers
            ),
            "cell_training": row.listing.cells["training"].use.value,
            "cell_retention": retention.text,
            "cell_retention_footnotes": ", ".join(map(str, retention.footnotes)),
        }

    def _everywhere(self, provider: table.ProviderItem) -> set[int]:
        cited = Citation.objects.filter(
            footnote__register=self.register, provider__name=provider.text
        )
        return set(cited.values_list("footnote__position", flat=True))

    def _documents(self, listing: Listing, row: table.Row) -> None:
        """Where a row's documents are not its providers' in their order, tick the box and name them."""
        shown = next(each for each in capture(self.register).rows() if each.id == str(listing.pk))
        if [(each.text, each.url) for each in shown.documents] != [
            (each.text, each.url) for each in row.documents
        ]:
            names = "\n".join(
                marked(each, f"{each.text} <{each.url}>" if each.url else each.text)
                for each in row.documents
            )
            typed = {"cell_documents_which": "stated", "cell_documents": names}
            self.person.fill(change(listing), **typed)

    def _order(self) -> None:
        url = reverse("admin:compliance_register_act", args=[self.register.pk, "reorder"])
        field = f"order-{self.register.sections.first().pk}"
        lines = form_values(self.person.client.get(url).content)[field].splitlines()
        first = [
            each.models[0].text if each.models else "" for each in capture(self.register).rows()
        ]
        wanted = [each.models[0].text if each.models else "" for each in self.wanted.rows()]
        if first != wanted:
            order = "\n".join(lines[first.index(name)] for name in wanted)
            self.person.act(url, **{field: order})


def claim(row: table.Row, key: str) -> table.Item:
    """Return the wording of a claim with its marks."""
    [item] = row.listing.cells[key].items
    return item


def _row(row: table.Row) -> RowParties:
    return RowParties(
        tuple(each.text for each in row.models), tuple(each.text for each in row.providers)
    )


def cells(before: snapshot.Snapshot, after: snapshot.Snapshot) -> tuple[int, int]:
    """Return how many cells and texts of the page a person would retype, and their lines."""
    count = lines = 0
    standing, wanted = list(before.rows()), list(after.rows())
    partners = match_listings([_row(each) for each in standing], [_row(each) for each in wanted])
    for row, index in zip(wanted, partners, strict=True):
        had = _cells(standing[index]) if index is not None else [None] * 5
        for old, new in zip(had, _cells(row), strict=True):
            if old != new:
                count, lines = count + 1, lines + max(len(new), 1)
    old_notes = {(note.number, note.text) for note in before.footnotes}
    texts = [note.text for note in after.footnotes if (note.number, note.text) not in old_notes]
    prose = after.sections[0].prose
    texts += [prose] if prose != before.sections[0].prose else []
    return count + len(texts), lines + len(texts)


def _cells(row: table.Row) -> list[list[Any]]:
    """Return what each cell prints: its items without the ids of what they name."""
    printed = []
    for _, cell in row.cells:
        printed.append(
            [(item.text, getattr(item, "url", None), item.footnotes) for item in cell.items]
        )
    return printed


@pytest.mark.parametrize(("before", "after", "typed", "retyped"), STEPS)
@pytest.mark.slow
def test_a_step_is_made_in_the_forms_with_fewer_lines_than_the_cells_hold(
    before, after, typed, retyped, capsysbinary
):
    was, wanted = page_of(before), page_of(after)
    import_page(was, slug="page", by=None, label="tests", reason="The page before")
    client = Client()
    client.force_login(make_user("eve", role="editor"))
    person = Person(client)

    Editor(person, Register.objects.get(slug="page"), wanted).make()

    capsysbinary.readouterr()
    call_command("export_page", register="page", working=True, to="md")
    assert capsysbinary.readouterr().out.decode() == markdown.render(wanted)
    assert ((person.forms, person.fields, person.lines), cells(was, wanted)) == (typed, retyped)
    assert typed[2] < retyped[1]

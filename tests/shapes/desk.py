"""Enters a register in the forms of the admin, submits it and approves it, as two people would."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from compliance.models import Publication, Register, RetentionTerm, Section
from tests.factories import make_user
from tests.forms import complaints, form_values
from tests.shapes.registers import DERIVED, NOTHING, Column, Company, Meaning, Part, Shape

_MARKS = re.compile(r" \[([0-9, ]+)\]\Z")
_REASON = "The register is new"


def signed_in(name: str, role: str) -> Client:
    """Return the client of a new user."""
    client = Client()
    client.force_login(make_user(name, role=role))
    return client


class Desk:
    """An editor at the forms."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.opened: dict[str, dict[str, Any]] = {}

    def enter(self, shape: Shape) -> Register:
        """Enter everything of a register; return it."""
        for meaning in shape.meanings:
            self._enter_meaning(meaning)
        for company in shape.companies:
            self._enter_company(company)
        register = self._enter_register(shape)
        for text in shape.notes:
            self._save("footnote", register=str(register.pk), text=text)
        tables = [part for part in shape.parts if part.columns]
        sections = [section for section in register.sections.all() if section.columns.exists()]
        for part, section in zip(tables, sections, strict=True):
            for row in part.rows:
                self._enter_row(part, section, row)
        return register

    def _save(self, kind: str, *, query: str = "", **typed: Any) -> None:
        """Send the form that adds a record; every form is opened once, and then filled in anew."""
        url = f"/admin/compliance/{kind}/add/{query}"
        if url not in self.opened:
            page = self.client.get(url)
            assert page.status_code == 200, url
            self.opened[url] = form_values(page.content)
        answer = self.client.post(url, {**self.opened[url], "reason": _REASON, **typed})
        assert answer.status_code == 302, f"{url} {typed}: {complaints(answer)}"

    def _enter_meaning(self, meaning: Meaning) -> None:
        typed = {"wording": meaning.wording, "clauses-TOTAL_FORMS": str(len(meaning.clauses))}
        for number, (data_class, kind, days) in enumerate(meaning.clauses):
            values = {"data_class": data_class, "kind": kind, "amount": days, "unit": "{}D"}
            values.update(bound="exact", trigger="always", position="")
            typed.update({f"clauses-{number}-{name}": value for name, value in values.items()})
        self._save("retentionterm", **typed)

    def _enter_company(self, company: Company) -> None:
        typed: dict[str, Any] = {
            "name": company.name,
            "legal_entity": company.legal_entity,
            "processing_countries": list(company.countries),
            "declared_training": company.training,
            "documents-TOTAL_FORMS": str(len(company.documents)),
        }
        if company.retention:
            term = RetentionTerm.objects.get(wording=company.retention)
            typed["declared_retention"] = str(term.pk)
        for number, (kind, label, url) in enumerate(company.documents):
            values = {"kind": kind, "label": label, "url": url, "review_interval": "12"}
            # The second privacy policy or terms of a company stand only where a row names them.
            if kind != "terms":
                values["is_default"] = "on"
            typed.update({f"documents-{number}-{name}": value for name, value in values.items()})
        self._save("provider", **typed)

    def _enter_register(self, shape: Shape) -> Register:
        typed: dict[str, str] = {
            "slug": shape.slug,
            "title": shape.title,
            "language": shape.language,
            "publisher": "The people of the tests",
            "contact": "privacy@example.com",
        }
        for number, part in enumerate(shape.parts, start=1):
            prefix = f"section-new{number}"
            typed[f"{prefix}-prose"] = part.prose.replace("\n", "\r\n")
            # The form suggests five columns and has room for a sixth.
            columns = [*part.columns, *[Column("", "")] * (6 - len(part.columns))]
            for index, column in enumerate(columns, start=1):
                for name in ("label", "role", "asks", "covers", "unit"):
                    typed[f"{prefix}-column-new{index}-{name}"] = getattr(column, name)
        self._save("register", **typed)
        return Register.objects.get(slug=shape.slug)

    def _enter_row(self, part: Part, section: Section, row: tuple[str, ...]) -> None:
        typed: dict[str, str] = {}
        for column, stored, text in zip(part.columns, section.columns.all(), row, strict=True):
            typed.update(cell_values(f"cell_{stored.key}", column.role, text))
        self._save("listing", query=f"?section={section.pk}", **typed)

    def submit(self, register: Register) -> Publication:
        """Submit a register with an answer to every finding."""
        url = reverse("admin:compliance_publication_submit", args=[register.pk])
        page = self.client.get(url)
        answers = {
            f"answer:{finding.key}": "We know." for finding in page.context["candidate"].findings
        }
        parts = [part.key for part in page.context["candidate"].changed]
        answer = self.client.post(url, {"reason": _REASON, "parts": parts, **answers})
        assert answer.status_code == 302, answer.text
        return Publication.objects.get(register=register)


def cell_values(name: str, role: str, text: str) -> dict[str, str]:
    """Return what is typed into the fields of a cell: their values by name."""
    if role == "documents":
        return _documents_values(name, text)
    if role not in ("training", "retention"):
        return {name: text.replace("\n", "\r\n")}
    if text == DERIVED:
        return {}
    if text == NOTHING:
        return {name: "blank"} if role == "training" else {f"{name}_blank": "on"}
    values = {}
    if marks := _MARKS.search(text):
        values[f"{name}_footnotes"] = marks[1]
        text = text[: marks.start()]
    use, _, wording = text.rpartition(" | ")
    if role == "training":
        return {**values, name: use, f"{name}_text": wording}
    return {**values, name: wording}


def _documents_values(name: str, text: str) -> dict[str, str]:
    if text == DERIVED:
        return {}
    if text == NOTHING:
        return {f"{name}_which": "none"}
    return {f"{name}_which": "stated", name: text}


def approve(client: Client, publication: Publication) -> Publication:
    """Approve what the review screen shows; return the publication as it is now."""
    shown = client.get(reverse("admin:compliance_publication_change", args=[publication.pk]))
    sha256 = form_value(shown.content, "approval_sha256")
    url = reverse("admin:compliance_publication_approve", args=[publication.pk])
    answer = client.post(url, {"approval_sha256": sha256})
    assert answer.status_code == 302, answer.text
    return Publication.objects.get(pk=publication.pk)


def form_value(content: bytes, name: str) -> str:
    """Return the value of a hidden field of a page."""
    match = re.search(rf'name="{name}"[^>]* value="([^"]*)"', content.decode())
    assert match, f"The page has no field {name}."
    return match[1]


def make_public(shape: Shape) -> Register:
    """Enter a register, and have it submitted and approved; return it."""
    desk = Desk(signed_in(f"edith-{shape}", "editor"))
    register = desk.enter(shape)
    publication = desk.submit(register)
    approve(signed_in(f"ada-{shape}", "approver"), publication)
    return register


def typed_texts(shape: Shape) -> list[str]:
    """Return every text of cells and labels that a page of the register has to show."""
    texts = [column.label for part in shape.parts for column in part.columns]
    for part in shape.parts:
        for row in part.rows:
            for column, text in zip(part.columns, row, strict=True):
                if text not in (DERIVED, NOTHING):
                    texts += _shown_lines(column, text)
    return texts


def _shown_lines(column: Column, text: str) -> list[str]:
    lines = [_MARKS.sub("", line) for line in text.splitlines()]
    return [line.rpartition(" | ")[2] for line in lines]

"""Import of a page into a register, or as a new one, after a preview of all changes."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString

from compliance.admin.import_columns import ColumnForm, column_forms
from compliance.admin.preview.confirm import ConfirmableForm, ConfirmedAction
from compliance.models import (
    AIModel,
    Changeset,
    Footnote,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionClause,
    RetentionTerm,
)
from compliance.models.tracked import Tracked
from compliance.page.ends import with_named_ends
from compliance.page.formats import FormatFault, Reading, TitleFault, Unreadable
from compliance.page.formats.base import decode
from compliance.page.formats.column_report import has_guessed_claims
from compliance.page.formats.columns import ColumnSetting, InvalidColumn
from compliance.page.formats.recognition import recognised, refuse_other_kinds
from compliance.rendering import marked_page
from compliance.workingcopy.importing import NotImportable, read_page, write_page
from compliance.workingcopy.matching import ColumnPlace, former_columns
from compliance.workingcopy.resolve import sections_of

# The permissions that an import needs, because it may write all of this. The rows and citations
# of a listing need none of their own: the listing's form writes them too.
_WRITES: dict[type[Tracked], tuple[str, ...]] = {
    Listing: ("add", "change", "delete"),
    Footnote: ("add", "change", "delete"),
    AIModel: ("add", "change"),
    Provider: ("add", "change"),
    PolicyDocument: ("add", "change", "delete"),
    RetentionTerm: ("add",),
    RetentionClause: ("add",),
}
_NO_TITLE = "The page has no title, and it needs one. Write it here."
_NO_PAGE = "There is no page. Paste its text, or choose a file."
# Above this many rows nobody reads a whole page; the sentences name every change all the same.
_MOST_ROWS = 300
# How many characters of a line are shown before and after the fault in it.
_BEFORE, _AFTER = 60, 100


class PageField(forms.CharField):
    """The text of a page as it was typed. Its reader says what it normalises or cannot read."""

    def to_python(self, value: Any) -> str:
        """Return the text as it was typed, but with LF: browsers send CR LF for a line break."""
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")

    def run_validators(self, value: Any) -> None:
        """Run none: Django's would refuse a NUL without saying where it is."""


class ImportForm(ConfirmableForm):
    """A page as text or as a file. The content of a file is put into the text field."""

    page = PageField(
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 20, "class": "lines", "spellcheck": "false"}),
        help_text="Markdown in any dialect, a table as CSV or copied from a spreadsheet, "
        "or JSON of the schema register/1.",
    )
    file = forms.FileField(
        required=False, allow_empty_file=True, help_text="Instead of the text: it is put there."
    )
    syntax = forms.ChoiceField(
        label="Format",
        required=False,
        choices=[
            ("", "Recognised by its content"),
            ("md", "Markdown"),
            ("csv", "A table: CSV, or copied from a spreadsheet"),
            ("json", "JSON"),
        ],
    )
    title = forms.CharField(
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text="Only for a table, or a page without a title of its own.",
    )
    takes_ends = forms.BooleanField(
        label="Take the days on which footnotes say that they end as their last days",
        required=False,
    )

    def __init__(
        self, data: Any, files: Any, *, register: Register | None = None, **kwargs: Any
    ) -> None:
        self.register = register
        self.refused_file = ""
        if data is not None and (file := files.get("file")):
            data = data.copy()
            try:
                data["page"] = _text(file)
                data["syntax"] = data.get("syntax") or _told_by_name(data["page"], file.name)
            except ValidationError as error:
                self.refused_file = str(error.message)
        # Without the files: their content is in the text by now, and a preview cannot keep them.
        super().__init__(data, None if data is None else {}, **kwargs)
        self.reading: Reading | None = None
        self.columns: list[ColumnForm] = []
        self.column_settings: list[ColumnSetting] = []
        self.unreadable: UnreadableLine | None = None

    def clean(self) -> Any:
        """Read the page."""
        cleaned = super().clean()
        # A lone surrogate must reach the reader, which names its line, and not fail here.
        source = self.cleaned_data.get("page", "").encode("utf-8", "surrogatepass")
        if self.refused_file:
            self.add_error("file", self.refused_file)
        elif not source.strip():
            self.add_error("page", _NO_PAGE)
        elif len(source) > settings.LARGEST_PAGE:
            self.add_error("page", _too_large(len(source)))
        else:
            self._read(source)
        return cleaned

    @property
    def fingerprint(self) -> str:
        """A hash of what was typed, and of what was chosen for the columns of the page."""
        chosen = f"{super().fingerprint} {self.column_settings} {self.continued}"
        return hashlib.sha256(chosen.encode()).hexdigest()

    @property
    def has_guessed_claims(self) -> bool:
        """Whether it was guessed what a training or retention column means."""
        return self.reading is not None and has_guessed_claims(self.reading.columns)

    def _read(self, source: bytes) -> None:
        read = partial(
            read_page,
            source,
            register=self.register,
            syntax=self.cleaned_data.get("syntax", ""),
            title=self.cleaned_data.get("title", ""),
        )
        try:
            guessed = read()
            sections = sections_of(self.register) if self.register else ()
            former = former_columns(sections, guessed.snapshot.sections)
            self.columns = column_forms(self.data, guessed.columns, former)
            self._refuse_one_column_twice()
            chosen = [column.setting() for column in self.columns]
            self.column_settings = [setting for setting in chosen if setting]
            self.reading = read(settings=self.column_settings) if self.column_settings else guessed
            for column, as_read in zip(self.columns, self.reading.columns, strict=True):
                column.read = as_read
        except InvalidColumn as fault:
            self.add_error(None, str(fault))
        except TitleFault as fault:
            self.add_error("title", str(fault) if self.cleaned_data.get("title") else _NO_TITLE)
        except FormatFault as fault:
            self.add_error("page", str(fault))
            if isinstance(fault, Unreadable) and fault.line:
                self.unreadable = _unreadable_line(
                    source.decode("utf-8", "replace"), fault.line, fault.column or 1
                )

    @property
    def continued(self) -> dict[ColumnPlace, str | None]:
        """What was told of columns with a new label; see `write_page`."""
        return {
            (column.guess.section, column.place): column.continued()
            for column in self.columns
            if column.former.candidates
        }

    def _refuse_one_column_twice(self) -> None:
        """Refuse two columns of the page that would be the same one of the register."""
        chosen: dict[tuple[int, str], ColumnForm] = {}
        for column in self.columns:
            if not (key := column.continued()):
                continue
            other = chosen.setdefault((column.guess.section, key), column)
            if other is not column:
                labels = f"“{other.guess.column.label}” and “{column.guess.column.label}”"
                raise InvalidColumn(
                    f"{labels} cannot both be the same column of the register. "
                    "Choose another meaning for one of them."
                )


class NewRegisterForm(ImportForm):
    """A page as a new register."""

    slug = Register._meta.get_field("slug").formfield()
    field_order = ["slug"]

    def clean_slug(self) -> Any:
        """Return the slug; raises ValidationError where a register has it already."""
        slug = self.cleaned_data["slug"]
        if Register.objects.filter(slug=slug).exists():
            raise ValidationError(
                f"There is a register {slug} already. Import the page on its own form."
            )
        return slug


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """The line of a page that could not be read, as text before and from the column at fault."""

    line: int
    before: str
    rest: str


def _text(file: Any) -> str:
    """Return the text of a file; raises ValidationError if it is too large or no text in UTF-8."""
    content = file.read(settings.LARGEST_PAGE + 1)
    try:
        refuse_other_kinds(content)
        if file.size > settings.LARGEST_PAGE:
            raise ValidationError(_too_large(file.size))
        return decode(content.removeprefix(b"\xef\xbb\xbf"))
    except Unreadable as fault:
        raise ValidationError(str(fault)) from None


def _told_by_name(page: str, name: str) -> str:
    """Return the format that the name of a file says where the content does not show it."""
    source = page.encode("utf-8", "surrogatepass")
    told = recognised(source, name=name)
    return told if told != recognised(source) else ""


def _too_large(size: int) -> str:
    return (
        f"The page has {filesizeformat(size)}; "
        f"{filesizeformat(settings.LARGEST_PAGE)} can be imported here. "
        "Use the command import_page, or have LARGEST_PAGE raised."
    )


def _unreadable_line(text: str, line: int, column: int) -> UnreadableLine | None:
    """Return a line of a text around a column, both counted from 1; None if it has none."""
    lines = text.split("\n")
    if line > len(lines):
        return None
    before, rest = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
    if len(before) > _BEFORE:
        before = f"…{before[-_BEFORE:]}"
    if len(rest) > _AFTER:
        rest = f"{rest[:_AFTER]}…"
    return UnreadableLine(line, before, rest)


class PageImportMixin(admin.ModelAdmin):
    """Registers that can be imported from a page."""

    def get_urls(self) -> list[URLPattern]:
        """Add the screens of the import."""
        view = self.admin_site.admin_view(self.import_view)
        return [
            path("import/", view, name="compliance_register_import_new"),
            path("<int:pk>/import/", view, name="compliance_register_import"),
            *super().get_urls(),
        ]

    def may_import(self, request: HttpRequest, register: Register | None) -> bool:
        """Return whether the person may write everything that an import may have to write."""
        needed: dict[type[Tracked], tuple[str, ...]]
        needed = {**_WRITES, Register: ("change",) if register else ("add",)}
        permissions = []
        for model, actions in needed.items():
            for action in actions:
                permissions.append(f"compliance.{get_permission_codename(action, model._meta)}")
        return request.user.has_perms(permissions)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Link to the import of a page as a new register, for those who may."""
        context = {"may_import": self.may_import(request, None), **(extra_context or {})}
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Link to the import of a page into the register, for those who may."""
        context["may_import"] = self.may_import(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def import_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Preview what a page would change, and import it once that is confirmed."""
        register = self.get_object(request, str(pk)) if pk else None
        if not self.may_import(request, register):
            raise PermissionDenied
        if pk and register is None:
            raise Http404
        posted = request.POST if request.method == "POST" else None
        if register:
            form = ImportForm(posted, request.FILES, register=register)
        else:
            form = NewRegisterForm(posted, request.FILES)
        confirmation = ConfirmedAction(
            request, form, lambda: _write(form, register), source=Changeset.Source.IMPORT
        )
        if confirmation.is_done():
            written = register or Register.objects.get(slug=form.cleaned_data["slug"])
            return HttpResponseRedirect(
                reverse("admin:compliance_register_change", args=[written.pk])
            )
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import a page into {register}"
            if register
            else "Import a page as a new register",
            "opts": self.opts,
            "register": register,
            "form": form,
            "confirmation": confirmation,
            "preview": confirmation.preview,
            "body": _body(confirmation, register),
        }
        return TemplateResponse(request, "admin/import_page.html", context)


def _write(form: ImportForm, register: Register | None) -> None:
    """Write the page in the open changeset; raises ValidationError where it cannot be imported."""
    if form.reading is None:
        raise ValidationError(_NO_PAGE)
    snapshot = form.reading.snapshot
    if form.cleaned_data["takes_ends"]:
        snapshot = with_named_ends(snapshot)
    try:
        write_page(
            snapshot,
            slug=register.slug if register else form.cleaned_data["slug"],
            with_facts=form.reading.has_facts,
            continued=form.continued,
        )
    except NotImportable as refusal:
        raise ValidationError(str(refusal)) from refusal


def _body(confirmation: ConfirmedAction, register: Register | None) -> SafeString | None:
    """Return the whole page, marked against the working copy.

    None where there is no preview, and for a page too long for anybody to read through.
    """
    if confirmation.dry_run_result is None:
        return None
    for consequence in confirmation.dry_run_result.consequences:
        is_imported = consequence.register == register or consequence.before is None
        rows = sum(1 for _ in consequence.after.rows())
        if is_imported and rows <= _MOST_ROWS:
            return marked_page.marked_body(consequence.before, consequence.after)
    return None

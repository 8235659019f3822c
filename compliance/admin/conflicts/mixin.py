"""Two people edited one record: the screens on which the second one decides what is saved."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from compliance.admin.components.fields import reason_typed
from compliance.admin.conflicts.conflict import Conflict
from compliance.admin.conflicts.values import is_number, posted_rows, typed_texts
from compliance.admin.history import queries
from compliance.admin.history.mixin import HistoryMixin, parse_key
from compliance.admin.preview.attempt import FormAttempt

_LOOK_FIRST = "What you chose is in the form below, and not saved yet. Look through it, and save."


class ConflictMixin(HistoryMixin):
    """A change form that never overwrites what somebody else saved after it was opened."""

    attempt = FormAttempt()

    def reconcile(self, request: HttpRequest, object_id: str, show: Callable[[], Any]) -> Any:
        """Answer a POST of the change form; `show` is the view that saves it or shows its errors.

        Where somebody saved or deleted the record meanwhile, return a page with both versions until
        every difference is decided. What was decided then takes the place of what was posted.
        """
        key = unquote(object_id)
        record = self.model._default_manager.filter(pk=parse_key(self.model, key)).first()
        if not self.has_change_permission(request, record):
            return show()
        if record is None:
            return self._deleted_form_page(request, key) or show()
        version = request.POST.get("version", "")
        # A form without a proper version is refused by TrackedForm.clean.
        if not is_number(version) or int(version) >= record.lock_version:
            return show()
        conflict = Conflict(self, request, record, last_changeset=self.attempt.last_changeset)
        if not conflict.is_settled:
            return self._conflict_page(request, record, conflict)
        request.POST = conflict.resolved_post()  # type: ignore[assignment]
        if "_look" in request.POST:
            self.attempt.refusal = _LOOK_FIRST
        return show()

    def deleted_meanwhile(
        self, request: HttpRequest, key: str, fields: Mapping[str, forms.Field]
    ) -> HttpResponse | None:
        """Return a page with what was typed into another form about a record that was deleted.

        `fields` are those of that form. None where nothing was posted, or no such record ever was.
        """
        if request.method != "POST":
            return None
        acts = self.entries_of(key)
        if not acts:
            return None
        typed = []
        for name, field in fields.items():
            text = "\n".join(request.POST.getlist(name))
            if text and name != "reason":
                typed.append((str(field.label or name.replace("_", " ").capitalize()), text))
        return self._deleted_page(request, acts, typed)

    def _deleted_form_page(self, request: HttpRequest, key: str) -> HttpResponse | None:
        """Return a page with what was typed into the change form of a record that was deleted.

        None where no such record ever was.
        """
        acts = self.entries_of(key)
        if not acts:
            return None
        typed = list(typed_texts(self.typed_form(request, key), request.POST))
        for formset_class, _ in self.get_formsets_with_inlines(request):
            prefix, limit = formset_class.get_default_prefix(), formset_class.absolute_max
            for row in posted_rows(request.POST, prefix, limit):
                part = formset_class.form(prefix=row)
                lines = [f"{label}: {text}" for label, text in typed_texts(part, request.POST)]
                kind = capfirst(formset_class.model._meta.verbose_name)
                typed.append((kind, "\n".join(lines)))
        for heading, texts in self.typed_besides(request, None):
            typed.append((heading, "\n".join(f"{label}: {text}" for label, text in texts)))
        return self._deleted_page(request, acts, typed)

    def typed_besides(
        self, request: HttpRequest, record: Any
    ) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return what was typed about other records on the same form, to be shown with it.

        A heading for each record, and the label and text of each field; `record` is None where it
        was deleted.
        """
        return []

    def stored_form(self, request: HttpRequest, record: Any) -> Any:
        """Return the form of a record as it is stored, with all fields that were typed into."""
        return self.get_form(request, record, change=True)(instance=record)

    def typed_form(self, request: HttpRequest, key: str) -> Any:
        """Return a form with the fields into which something was typed about a deleted record."""
        return self.get_form(request, None)()

    def _deleted_page(
        self,
        request: HttpRequest,
        acts: Sequence[queries.ChangesetEntry],
        typed: Sequence[tuple[str, str]],
    ) -> TemplateResponse:
        context = {
            "acts": acts[:1],  # the latest: it deleted the record
            "typed": typed,
            "title": f"Deleted meanwhile: {self.opts.verbose_name}",
        }
        return self._page_with_typed(request, "admin/conflicts/deleted.html", context)

    def _conflict_page(
        self, request: HttpRequest, record: Any, conflict: Conflict
    ) -> TemplateResponse:
        name = str(self.shown(record))
        context = {
            "conflict": conflict,
            "original": record,
            "title": f"Conflict: {name}",
            "name": name,
            "version": record.lock_version,
            "typed_besides": self.typed_besides(request, record),
        }
        return self._page_with_typed(request, "admin/conflicts/conflict.html", context)

    def _page_with_typed(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "subtitle": None,
            "reason": reason_typed(request),
            "media": self.media,
        }
        return TemplateResponse(request, template, {**shared, **context})

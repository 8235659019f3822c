"""The acts in one step: a form, what it would change, and exactly that done, or nothing."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone

from compliance import editing
from compliance.admin.act_forms import ActForm
from compliance.admin.consequences import Preview, preview
from compliance.admin.fields import acting, reason_errors
from compliance.admin.naming import CallsRecords
from compliance.models import Changeset
from compliance.rehearsing import rehearsal
from compliance.relisting import NotRelisted

_NOTHING = "Nothing was different, so nothing was done and no change was recorded."
_NOT_SHOWN = "Nothing was done, because that was not shown yet. This is what it would change; do it if it is meant."
# What may differ between what was shown and what is done.
_BESIDE = {"csrfmiddlewaretoken", "reason", "following", "shown", "_preview", "_do"}

_TOO_LONG = 19  # for the number of a changeset


class DoesActs(CallsRecords):
    """A screen from which acts in one step start, each at an address of its own."""

    acts: Sequence[type[ActForm]] = ()

    def get_urls(self) -> list[URLPattern]:
        """Add the acts."""
        view = self.admin_site.admin_view(self.act_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        return [path("<path:object_id>/acts/<slug:act>/", view, name=name), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Lead from a record to the acts that the person may do."""
        if record := context["original"]:
            context["acts"] = [
                (act.title, self._address(record, act)) for act in self.acts if request.user.has_perms(act.permissions)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def act_view(self, request: HttpRequest, object_id: str, act: str) -> HttpResponse:
        """Ask what is to be done; show what it would change; do that, if nobody changed anything meanwhile."""
        kind = next((each for each in self.acts if each.name == act), None)
        if kind is None:
            raise Http404
        if not request.user.has_perms(kind.permissions):
            raise PermissionDenied
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        title = str(self.shown(record))
        attempt = Attempt(request, kind(record, acting(request), request.POST if request.method == "POST" else None))
        if said := attempt.make():
            messages.success(request, said)
            return HttpResponseRedirect(_page_of(attempt.form.leads_to))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": kind.title,
            "subtitle": title,
            "record_name": title,
            "record_address": reverse(f"admin:compliance_{self.opts.model_name}_change", args=[object_id]),
            "attempt": attempt,
            "form": attempt.form,
            "preview": attempt.preview,
        }
        return TemplateResponse(request, "admin/act.html", context)

    def _address(self, record: Any, act: type[ActForm]) -> str:
        return reverse(f"admin:compliance_{self.opts.model_name}_act", args=[record.pk, act.name])


class Attempt:
    """One sending of an act's form: shown what it would change, or done as it was shown."""

    def __init__(self, request: HttpRequest, form: ActForm) -> None:
        self.form = form
        self._request, self._posted = request, request.POST
        self.preview: Preview | None = None
        self.overtaking: list[Changeset] = []

    @property
    def shown(self) -> str:
        """What tells whether the form still says what was shown."""
        lists = sorted((name, values) for name, values in self._posted.lists() if name not in _BESIDE)
        typed = [(name, ["\n".join(each.splitlines()) for each in values]) for name, values in lists]
        return hashlib.sha256(json.dumps(typed).encode()).hexdigest()

    @property
    def _following(self) -> int | None:
        """The last changeset when it was shown; None where that was not sent."""
        sent = self._posted.get("following", "")
        return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < _TOO_LONG else None

    def _since(self) -> list[Changeset]:
        return [] if self._following is None else list(Changeset.objects.filter(pk__gt=self._following))

    def make(self) -> str:
        """Return what was done; empty where the form is to be shown, with its errors or with what it would change."""
        if not self.form.is_valid():
            self.overtaking = self._since() if "_do" in self._posted else []
            return ""
        try:
            if "_do" in self._posted and self._may_be_done():
                try:
                    return self._do()
                except editing.Overtaken as overtaken:
                    self.overtaking = overtaken.changesets
            self._rehearse()
        except (NotRelisted, ValidationError) as refusal:
            said = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            self.form.add_error(None, said)
        return ""

    def _may_be_done(self) -> bool:
        """Return whether it says why, and is what was shown; else say what is missing."""
        if not self.form.cleaned_data["reason"]:
            self.form.add_error("reason", reason_errors("done")["required"])
        if self._posted.get("shown") != self.shown or self._following is None:
            self.form.add_error(None, _NOT_SHOWN)
        return not self.form.errors

    def _do(self) -> str:
        by, reason = acting(self._request), self.form.cleaned_data["reason"]
        source = Changeset.Source.ADMIN.value
        with editing.changeset(by=by, reason=reason, source=source, following=self._following) as act:
            said = self.form.do()
        return said if act.changeset else _NOTHING

    def _rehearse(self) -> None:
        with rehearsal(by=acting(self._request), at=timezone.now()) as rehearsed:
            self.form.do()
        self.preview = preview(rehearsed)


def _page_of(record: Any) -> str:
    return reverse(f"admin:compliance_{record._meta.model_name}_change", args=[record.pk])

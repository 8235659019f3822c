"""Publishing: what differs is submitted, another person reviews it, and decides."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import re_path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.text import Truncator

from compliance import publishing, store
from compliance.admin.record import ReadOnlyAdmin
from compliance.admin.reviewing import Review, digest, judged
from compliance.admin.sites import site
from compliance.admin.tracked import ReasonField
from compliance.models import Decision, Publication, PublishedFile, Register
from compliance.publishing import Candidate, NotAllowed, NotPublishable

_ID = r"(?P<object_id>[1-9][0-9]{0,17})"
_ANSWER = "answer:"
Act = Callable[[HttpRequest, Publication], tuple[Publication, str]]


class SubmitForm(forms.Form):
    """What a submission says besides its content."""

    reason = ReasonField(
        label="Reason for this publication",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the approver and auditors; never shown to the public.",
        error_messages={"required": "The reason is empty. Say why the page changes; nothing was submitted."},
    )
    effective_from = forms.DateTimeField(
        label="In force from (UTC)",
        required=False,
        help_text="Empty: as soon as it is approved. A later moment, for example: 2026-12-01 09:00.",
        widget=forms.DateTimeInput(attrs={"autocomplete": "off", "size": 20}),
    )
    announce = forms.BooleanField(
        label="Announce it",
        required=False,
        help_text="Once approved, its page may be seen before it is in force.",
    )


@admin.register(Publication, site=site)
class PublicationAdmin(ReadOnlyAdmin):
    """What was submitted to be public, and what was decided."""

    list_display = ["register", "number", "state", "effective_from", "submitted", "why"]
    list_display_links = ["register", "state"]
    list_filter = ["register", "source"]
    allowed_lookups = ["register__id__exact", "source__exact"]
    list_select_related = ["register"]
    search_fields = ["content_sha256", "reason", "label"]
    search_help_text = "Search hashes, reasons and names."

    def get_urls(self) -> list[URLPattern]:
        """Add the screen to submit a register, and the acts on a publication."""
        acts = {"approve": self.approve, "reject": self.reject, "withdraw": self.withdraw, "again": self.again}
        submit = self.admin_site.admin_view(self.submit_view)
        return [
            re_path(rf"^submit/{_ID}/$", submit, name="compliance_publication_submit"),
            *(self._act_url(name, act) for name, act in acts.items()),
            *super().get_urls(),
        ]

    def _act_url(self, name: str, act: Act) -> URLPattern:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self._decided(request, object_id, act)

        return re_path(rf"^{_ID}/{name}/$", self.admin_site.admin_view(view), name=f"compliance_publication_{name}")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the publications with what the decisions made of them; those that wait for one stand first."""
        decisions = Decision.objects.filter(publication=OuterRef("pk"))
        approval = decisions.filter(kind=Decision.Kind.APPROVED)
        publications = (
            super()
            .get_queryset(request)
            .prefetch_related("decisions", Prefetch("files", PublishedFile.objects.defer("content")))
        )
        return publications.annotate(
            given_number=Subquery(approval.values("number")),
            given_effective_from=Subquery(approval.values("effective_from")),
            last_kind=Subquery(decisions.order_by("-id").values("kind")[:1]),
        )

    # Submit

    def submit_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what differs and what the rules find; on POST submit it, or show the choice again."""
        if not request.user.has_perm("compliance.submit_publication"):
            raise PermissionDenied
        register = Register.objects.filter(pk=object_id).first()
        if register is None:
            raise Http404
        if request.method == "POST":
            return self._submitted(request, register)
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET", "POST"])
        content = publishing.candidate(register, at=timezone.now())
        return self._submit_screen(request, SubmitForm(), content, content.answered)

    def _submitted(self, request: HttpRequest, register: Register) -> HttpResponse:
        form, at = SubmitForm(request.POST), timezone.now()
        answers = _answers(request)
        form.is_valid()
        choice: Any = {
            "listings": request.POST.getlist("listings"),
            "effective_from": form.cleaned_data.get("effective_from"),
        }
        if form.is_valid() and "_show" not in request.POST:
            try:
                publication = publishing.submit(
                    register,
                    by=_person(request),
                    at=at,
                    reason=form.cleaned_data["reason"],
                    answers=answers,
                    announce=form.cleaned_data["announce"],
                    **choice,
                )
            except NotPublishable as refusal:
                form.add_error(None, _sentence(refusal))
            else:
                self.message_user(request, "Submitted. Another person approves it.", messages.SUCCESS)
                return HttpResponseRedirect(_review_path(publication))
        try:
            content = publishing.candidate(register, at=at, **choice)
        except NotPublishable as refusal:
            form.add_error(None, str(refusal))
            content = publishing.candidate(register, at=at)
        return self._submit_screen(request, form, content, {**content.answered, **answers})

    def _submit_screen(
        self, request: HttpRequest, form: SubmitForm, content: Candidate, answers: dict[str, Any]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish changes of {content.register}",
            "opts": self.opts,
            "form": form,
            "candidate": content,
            "findings": judged([finding.to_dict() for finding in content.findings], answers),
            "digest": digest(content.changes, content.before, content.snapshot),
            "elsewhere": [change for change in content.changes if change.listing is None],
            "answer_prefix": _ANSWER,
        }
        return TemplateResponse(request, "admin/submit.html", context)

    # Review

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the review screen; what is decided there has addresses of its own."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        publication = self.get_object(request, object_id)
        if not self.has_view_permission(request, publication):
            raise PermissionDenied
        if publication is None:
            return HttpResponseRedirect(reverse("admin:compliance_publication_changelist"))
        return self._review(request, publication)

    def _review(self, request: HttpRequest, publication: Publication, typed: str = "") -> HttpResponse:
        review = Review(publication, _person(request), timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": review.title,
            "opts": self.opts,
            "review": review,
            "publication": publication,
            "typed": typed,
        }
        return TemplateResponse(request, "admin/review.html", context)

    def _decided(self, request: HttpRequest, object_id: str, act: Act) -> HttpResponse:
        """Do an act on a publication and say what became of it; refused, show the review again with what was typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        publication = Publication.objects.filter(pk=object_id).first()
        if publication is None:
            raise Http404
        try:
            publication, said = act(request, publication)
        except NotAllowed:
            raise
        except NotPublishable as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return self._review(request, publication, typed=request.POST.get("reason", ""))
        self.message_user(request, said, messages.SUCCESS)
        self._warn_of_store(request, publication.register)
        return HttpResponseRedirect(_review_path(publication))

    def approve(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Approve the hash that was shown."""
        sha256 = request.POST.get("content_sha256", "")
        publishing.approve(publication, by=_person(request), at=timezone.now(), content_sha256=sha256)
        since = _moment(publication.effective_from)
        return publication, f"Approved. It is publication {publication.number}, in force from {since}."

    def reject(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Reject it with the reason that was typed."""
        publishing.reject(publication, by=_person(request), at=timezone.now(), reason=request.POST.get("reason", ""))
        return publication, "Rejected. Its submitter is told why."

    def withdraw(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Withdraw it with the reason that was typed."""
        publishing.withdraw(publication, by=_person(request), at=timezone.now(), reason=request.POST.get("reason", ""))
        return publication, "Withdrawn."

    def again(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Submit the same bytes again."""
        if publication.number is None:
            raise NotPublishable("It was never public. Submit the register instead.")
        submitted = publishing.revert(
            publication.register,
            to=publication.number,
            by=_person(request),
            at=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
        return submitted, f"Publication {publication.number} is submitted again. Another person approves it."

    def _warn_of_store(self, request: HttpRequest, register: Register) -> None:
        try:
            behind = register.slug in store.behind()
        except store.StoreFault:
            behind = True
        if behind:
            said = "The public page does not show it yet: the published store cannot be written. Tell an administrator."
            self.message_user(request, said, messages.WARNING)

    # The columns

    @admin.display(description="Number", ordering="given_number")
    def number(self, publication: Any) -> Any:
        """The number given at approval."""
        return publication.given_number

    @admin.display(description="In force from", ordering="given_effective_from")
    def effective_from(self, publication: Any) -> str | None:
        """The moment given at approval, in UTC."""
        return _moment(publication.given_effective_from)

    @admin.display(description="Submitted", ordering="submitted_at")
    def submitted(self, publication: Publication) -> str:
        """When, in UTC, and by whom."""
        return f"{_moment(publication.submitted_at)} by {publication.label}"

    @admin.display(description="Why")
    def why(self, publication: Publication) -> str:
        """The beginning of its reason."""
        return Truncator(publication.reason).chars(100)

    @admin.display(description="State")
    def state(self, publication: Any) -> str:
        """What the last decision made of it."""
        return Publication.State(publication.last_kind or Publication.State.IN_REVIEW).label


def _answers(request: HttpRequest) -> dict[str, str]:
    """Return the answers that were typed, by finding key."""
    typed = ((name, str(text)) for name, text in request.POST.items())
    return {name.removeprefix(_ANSWER): text for name, text in typed if name.startswith(_ANSWER)}


def _moment(at: datetime | None) -> str | None:
    """Return a moment as the screens write it, if there is one."""
    return f"{at:%-d %b %Y, %H:%M} UTC" if at else None


def _person(request: HttpRequest) -> Any:
    """Return who is signed in: the admin answers nobody else."""
    return request.user


def _review_path(publication: Publication) -> str:
    return reverse("admin:compliance_publication_change", args=[publication.pk])


def _sentence(refusal: NotPublishable) -> str:
    """Return what stands in the way: findings are shown at their own places."""
    if not refusal.findings:
        return str(refusal)
    return "Nothing was submitted. See what the rules found: blockers are to be mended, warnings to be answered."

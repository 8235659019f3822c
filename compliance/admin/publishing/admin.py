"""The publications in the admin: submit a register, review a publication, decide on it."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from allauth.mfa.adapter import get_adapter
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import re_path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from compliance import publishing
from compliance.accounts.passkeys import InvalidSignature, PasskeyAssertion
from compliance.admin.components.fields import acting
from compliance.admin.components.readonly import ReadOnlyAdmin
from compliance.admin.publishing.again import earlier_choice
from compliance.admin.publishing.attribution import attribute_changes
from compliance.admin.publishing.choice import ONLY
from compliance.admin.publishing.grades import grade_fields, grade_names, read_grades
from compliance.admin.publishing.review import CALL_OFF, EXPORTS, WHOLE_PAGE, PublicationReview
from compliance.admin.publishing.submit import Submission, is_only_shown
from compliance.admin.site import site
from compliance.models import Decision, Publication, PublishedFile, Register
from compliance.page.diff import Change
from compliance.published import comparison
from compliance.published.errors import StoreFault
from compliance.publishing import NotAllowed, NotPublishable, NotSigned
from compliance.publishing.statuses import Status, with_statuses
from compliance.rendering.faults import Fault
from compliance.rendering.moments import minute_text

_NUMBER = re.compile(r"[0-9]{1,9}")
_ID = r"(?P<object_id>[1-9][0-9]{0,17})"
# Decides on a publication; returns the publication to show next and a success message.
PublishingAction = Callable[[HttpRequest, Publication], tuple[Publication, str]]


class StatusFilter(admin.SimpleListFilter):
    """Filters publications by their status."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, status.label) for status in Status]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(status=self.value()) if self.value() in Status.values else queryset


class RefusedAct(NamedTuple):
    """A decision or comment that was refused: the reason that was typed, and what is wrong."""

    reason: str
    faults: list[Fault]
    ungraded: Iterable[Change]


@admin.register(Publication, site=site)
class PublicationAdmin(ReadOnlyAdmin):
    """The list of publications, and the screens to submit, review and decide."""

    list_display = ["register", "number", "status_label", "effective_from", "submitted", "why"]
    list_display_links = ["register", "status_label"]
    list_filter = ["register", StatusFilter, "source"]
    allowed_lookups = ["register__id__exact", "source__exact", "status"]
    list_select_related = ["register"]
    search_fields = ["content_sha256", "reason__says", "label__says"]
    search_help_text = "Search hashes, reasons and names."

    def get_urls(self) -> list[URLPattern]:
        """Add the screens to submit and compare, and the addresses of the decisions."""
        actions = {
            "approve": self.approve,
            "reject": self.reject,
            "withdraw": self.withdraw,
            "again": self.again,
            "comment": self.comment,
            "drop": self.drop,
            "rebase": self.rebase,
        }
        submit = self.admin_site.admin_view(self.submit_view)
        changes = self.admin_site.admin_view(self.changes_view)
        return [
            re_path(rf"^submit/{_ID}/$", submit, name="compliance_publication_submit"),
            re_path(rf"^{_ID}/changes/$", changes, name="compliance_publication_changes"),
            *(self._action_url(name, action) for name, action in actions.items()),
            *super().get_urls(),
        ]

    def _action_url(self, name: str, action: PublishingAction) -> URLPattern:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self._perform(request, object_id, action)

        return re_path(
            rf"^{_ID}/{name}/$",
            self.admin_site.admin_view(view),
            name=f"compliance_publication_{name}",
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the publications with the facts of their decisions, which are never stored."""
        decisions = Decision.objects.filter(publication=OuterRef("pk"))
        approval = decisions.filter(kind=Decision.Kind.APPROVED)
        publications = (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("decisions", Decision.objects.select_related("signature__factor")),
                Prefetch("files", PublishedFile.objects.defer("content")),
            )
        )
        return with_statuses(publications, at=timezone.now()).annotate(
            given_number=Subquery(approval.values("number"))
        )

    def get_ordering(self, request: HttpRequest) -> Any:
        """Sort those that wait for a decision first, then the latest."""
        return [Exists(Decision.objects.filter(publication=OuterRef("pk"))).asc(), "-id"]

    # Submit

    def submit_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form that submits a register; a POST submits it or shows what prevents that."""
        if not request.user.has_perm("compliance.submit_publication"):
            raise PermissionDenied
        register = Register.objects.filter(pk=object_id).first()
        if register is None:
            raise Http404
        now = timezone.now()
        posted: QueryDict | None = request.POST
        if request.method != "POST":
            again = register.publications.filter(pk__in=_key(request.GET.get("again"))).first()
            posted = earlier_choice(again, at=now) if again else None
        only = request.GET.get(ONLY, "") if posted is None else ""
        by = acting(request)
        submission = Submission(register, now, posted, by=by, only=only)
        if (
            posted is not None
            and not is_only_shown(posted)
            and (publication := submission.submit(by=by))
        ):
            self.message_user(request, "Submitted. Another person approves it.", messages.SUCCESS)
            return HttpResponseRedirect(_review_path(publication))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Submit changes of {register} for approval",
            "opts": self.opts,
            "submission": submission,
            "candidate": submission.candidate,
        }
        return TemplateResponse(request, "admin/publishing/submit.html", context)

    # Review

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the review screen. It is read-only: each decision has an address of its own."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        publication = self.get_object(request, object_id)
        if not self.has_view_permission(request, publication):
            raise PermissionDenied
        if publication is None:
            self.message_user(
                request, "There is no such publication. These are all.", messages.WARNING
            )
            return HttpResponseRedirect(reverse("admin:compliance_publication_changelist"))
        return self._review(request, publication)

    def _review(
        self,
        request: HttpRequest,
        publication: Publication,
        refused: RefusedAct | None = None,
    ) -> HttpResponse:
        review = PublicationReview(
            publication,
            acting(request),
            timezone.now(),
            _rp_id(),
            _calling_off(request),
            is_whole=WHOLE_PAGE in request.GET,
            shows_exports=EXPORTS in request.GET,
        )
        context = {
            **self.admin_site.each_context(request),
            "title": review.title,
            "opts": self.opts,
            "review": review,
            "publication": publication,
            "typed": refused.reason if refused else "",
            "faults": refused.faults if refused else [],
            # What has no field any more, because somebody decided meanwhile, is shown to be copied.
            "not_sent": refused.reason if refused and not review.may_decide else "",
        }
        if review.may_publish_again:
            names = grade_names(review.contents_to_grade_again)
            context["grades_again"] = grade_fields(
                review.changes_to_grade_again,
                names,
                read_grades(request.POST, names),
                missing={change.key for change in refused.ungraded} if refused else set(),
            )
        return TemplateResponse(request, "admin/publishing/review.html", context)

    @method_decorator(require_safe)
    def changes_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show each change of a publication with the changesets that may have caused it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        publication = (
            Publication.objects.select_related("register", "base").filter(pk=object_id).first()
        )
        if publication is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"Changes of {publication}",
            "opts": self.opts,
            "publication": publication,
            "changes": attribute_changes(publication),
        }
        return TemplateResponse(request, "admin/publishing/changes.html", context)

    def _perform(
        self, request: HttpRequest, object_id: str, action: PublishingAction
    ) -> HttpResponse:
        """Perform an action and report its outcome.

        If the action is refused, the review is shown again with the reason that was typed.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        publication = Publication.objects.filter(pk=object_id).first()
        if publication is None:
            raise Http404
        if request.method in ("GET", "HEAD"):
            # A GET comes from the sign-in, which interrupted the POST, or from a typed address.
            self.message_user(request, "Nothing was decided. Decide here.", messages.WARNING)
            return HttpResponseRedirect(_review_path(publication))
        try:
            publication, message = action(request, publication)
        except NotAllowed:
            raise
        except NotPublishable as refusal:
            name, typed = action.__name__, request.POST.get("reason", "")
            field = "text" if name == "comment" else "reason"
            is_empty = not request.POST.get(field, "x").strip()
            fault = Fault(str(refusal), f"{name}-{field}" if is_empty else "")
            return self._review(request, publication, RefusedAct(typed, [fault], refusal.ungraded))
        self.message_user(request, message, messages.SUCCESS)
        self._warn_of_store(request, publication.register)
        return HttpResponseRedirect(_review_path(publication))

    def approve(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Approve exactly the content whose hash the review showed."""
        publishing.approve(
            publication,
            by=acting(request),
            at=timezone.now(),
            approval_sha256=request.POST.get("approval_sha256", ""),
            calling_off=_calling_off(request),
            overtaking=_numbers(request.POST, "overtaking"),
            assertion=_assertion(request),
        )
        since = _moment(publication.effective_from)
        return (
            publication,
            f"Approved. It is publication {publication.number}, in force from {since}.",
        )

    def reject(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        publishing.reject(
            publication,
            by=acting(request),
            at=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
        return publication, "Rejected. Its submitter is told why."

    def withdraw(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Withdraw exactly what the review showed."""
        publishing.withdraw(
            publication,
            by=acting(request),
            at=timezone.now(),
            reason=request.POST.get("reason", ""),
            withdrawal_sha256=request.POST.get("withdrawal_sha256", ""),
            calling_off=_calling_off(request),
            overtaking=_numbers(request.POST, "overtaking"),
            assertion=_assertion(request),
        )
        return publication, "Withdrawn."

    def again(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Submit the frozen content of an earlier publication again."""
        if publication.number is None:
            raise NotPublishable("It was never public. Submit the register instead.")
        at = timezone.now()
        names = grade_names(publishing.reverted_contents(publication, at=at))
        submitted = publishing.revert(
            publication.register,
            to=publication.number,
            by=acting(request),
            at=at,
            reason=request.POST.get("reason", ""),
            grades=read_grades(request.POST, names),
        )
        return (
            submitted,
            f"Publication {publication.number} is submitted again. Another person approves it.",
        )

    def comment(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Record what somebody says about a publication, or ask for a change."""
        is_asking = "ask" in request.POST
        record = publishing.ask_for_change if is_asking else publishing.comment
        record(
            publication,
            by=acting(request),
            at=timezone.now(),
            text=request.POST.get("text", ""),
            listing=request.POST.get("listing") or None,
        )
        message = (
            "Its submitter is asked for a change." if is_asking else "Your comment is recorded."
        )
        return publication, message

    def drop(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Record that a publication which was rejected or called off is not submitted again."""
        publishing.drop(
            publication, by=acting(request), at=timezone.now(), text=request.POST.get("reason", "")
        )
        return publication, "Dropped. It no longer waits on the desk."

    def rebase(self, request: HttpRequest, publication: Publication) -> tuple[Publication, str]:
        """Put the changes of a submission on top of the page that came before it meanwhile."""
        renewal = publishing.rebase(publication, by=acting(request), at=timezone.now())
        return renewal, f"Brought up to date with {renewal.base}. It waits for a decision."

    def _warn_of_store(self, request: HttpRequest, register: Register) -> None:
        try:
            behind = register.slug in comparison.slugs_behind()
        except StoreFault:
            behind = True
        if behind:
            message = (
                "The public page does not show it yet: the published store cannot be written. "
                "Tell an administrator."
            )
            self.message_user(request, message, messages.WARNING)

    # The columns

    @admin.display(description="Number", ordering="given_number")
    def number(self, publication: Any) -> Any:
        return publication.given_number

    @admin.display(description="In force from", ordering="takes_effect_at")
    def effective_from(self, publication: Any) -> str | None:
        return _moment(publication.takes_effect_at)

    @admin.display(description="Submitted", ordering="submitted_at")
    def submitted(self, publication: Publication) -> str:
        return f"{_moment(publication.submitted_at)} by {publication.label}"

    @admin.display(description="Why")
    def why(self, publication: Publication) -> str:
        return Truncator(publication.reason).chars(100)

    @admin.display(description="Status")
    def status_label(self, publication: Any) -> str:
        return Status(publication.status).label


def _rp_id() -> str:
    """Return the host to which passkeys belong, as allauth names it when they are set up."""
    host: str = get_adapter().get_public_key_credential_rp_entity()["id"]
    return host


def _calling_off(request: HttpRequest) -> frozenset[int]:
    """Return the numbers of the scheduled publications that the person chose to call off."""
    return _numbers(request.POST if request.method == "POST" else request.GET, CALL_OFF)


def _numbers(values: QueryDict, name: str) -> frozenset[int]:
    """Return the numbers of publications that a form or an address gives under a name."""
    texts = values.getlist(name)
    return frozenset(int(text) for text in texts if _NUMBER.fullmatch(text))


def _assertion(request: HttpRequest) -> PasskeyAssertion | None:
    """Return the signature that a form carries, None if it has none; raises NotSigned."""
    text = request.POST.get("assertion", "")
    if not text:
        return None
    try:
        return PasskeyAssertion.from_json(text, rp_id=_rp_id())
    except InvalidSignature as fault:
        raise NotSigned(f"Nothing was decided. {fault} Sign it again.") from fault


def _key(text: str | None) -> list[int]:
    """Return the key that a parameter names, as a list; empty if it names none."""
    return [int(text)] if text and re.fullmatch(_ID, text) else []


def _moment(at: datetime | None) -> str | None:
    """Return a moment as the admin prints it: 1 Dec 2026, 09:00 UTC."""
    return minute_text(at) if at else None


def _review_path(publication: Publication) -> str:
    return reverse("admin:compliance_publication_change", args=[publication.pk])

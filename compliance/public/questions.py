"""The pages that answer what a reader asks of the page in force: which models fit a policy, which rows, in which order.

They are told from what was frozen, never from the working copy, and lead back to the page itself: it alone was approved
as a whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from compliance.page.filters import with_cited_footnotes
from compliance.page.policy import Policy, Reason, Verdict, verdicts
from compliance.public import lookup
from compliance.public.context import RegisterContext
from compliance.public.errors import public
from compliance.public.forms import FilterForm, PolicyForm
from compliance.public.responses import html_answer
from compliance.published import changelog
from compliance.published.store import PublishedEntry
from compliance.rendering import html

Linked = tuple[str, str]
# Rows shown at once: each is rendered anew for each query, and anybody may ask.
_ROWS = 200


@dataclass(frozen=True, slots=True)
class AskedFrame(RegisterContext):
    """The publication in force as it is asked at a moment."""

    entry: PublishedEntry
    form: PolicyForm

    @property
    def status(self) -> int:
        """The status of the answer: a value that makes no sense is told beside its field."""
        return 200 if self.form.is_valid() else 400

    def models(self, found: Iterable[Verdict]) -> list[Linked]:
        """Return the names of models with the addresses of their lives."""
        return [(each.name, self.path_of("model", id=each.model)) for each in found]

    def providers(self, reason: Reason) -> list[Linked]:
        """Return the names of the providers at which it is so, with the addresses of their lives."""
        return [(each.name, self.path_of("provider", id=each.id)) for each in reason.providers]

    def misfits(
        self, found: Iterable[Verdict]
    ) -> Iterator[tuple[list[Linked], list[tuple[str, list[Linked]]]]]:
        """Give the models that do not fit for the same reasons together, and each reason with its providers."""
        together: dict[tuple[Reason, ...], list[Verdict]] = {}
        for verdict in found:
            together.setdefault(verdict.reasons, []).append(verdict)
        for reasons, alike in together.items():
            if reasons:
                yield (
                    self.models(alike),
                    [(reason.sentence, self.providers(reason)) for reason in reasons],
                )


@public
def fit(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show which models fit the policy of `?training=…&longest=…`, and why the others do not."""
    index, entry, at = lookup.in_force(slug)
    snapshot = changelog.snapshot(index, entry)
    frame = AskedFrame(index, at, entry, PolicyForm(request.GET, snapshot))
    found = verdicts(snapshot, frame.form.policy) if frame.form.is_valid() else []
    asked = {name: value for name, value in frame.form.cleaned_data.items() if value}
    context = {
        "frame": frame,
        "asked": urlencode(asked),
        "fitting": frame.models(each for each in found if not each.reasons),
        "misfits": list(frame.misfits(found)),
        "total": len(found),
        "is_open": frame.form.is_valid() and frame.form.policy == Policy(),
    }
    return html_answer("public/fit.html", context, index, at, status=frame.status)


@public
def filtered(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show the rows that a reader asked for, in the order asked for; `?clauses=1` shows retention clause by clause."""
    index, entry, at = lookup.in_force(slug)
    snapshot = changelog.snapshot(index, entry)
    form = FilterForm(request.GET, snapshot)
    frame = AskedFrame(index, at, entry, form)
    context = {"frame": frame, "total": len(snapshot.listings)}
    if form.is_valid():
        found = form.filter.rows(snapshot)
        shown = html.page(
            with_cited_footnotes(snapshot, found[:_ROWS]), clauses=form.cleaned_data["clauses"]
        )
        context |= {
            "register": shown.register,
            "is_rtl": shown.is_rtl,
            "rows": shown.rows,
            "notes": shown.notes,
        }
        context["found"] = len(found)
    response = html_answer("public/filter.html", context, index, at, status=frame.status)
    response["Link"] = f'<{frame.register_path}>; rel="canonical"'
    return response

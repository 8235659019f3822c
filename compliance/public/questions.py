"""The pages that answer a reader's question to the page in force.

They answer from what was frozen, never from the working copy, and link to the whole page: only the
page as a whole was approved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode

from compliance.page.filters import with_cited_footnotes
from compliance.page.policy import Policy, Reason, Verdict, verdicts
from compliance.public.context import RegisterContext
from compliance.public.errors import check_parameters, public
from compliance.public.forms import FilterForm, PolicyForm
from compliance.public.responses import html_response
from compliance.published import changelog, lookup
from compliance.published.index import PublishedEntry
from compliance.rendering import html

# A name and the address that it links to.
NamedLink = tuple[str, str]
# Every query renders its rows anew, and anybody may ask: so at most this many.
_MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class QuestionContext(RegisterContext):
    """The publication in force, and the form with the reader's question."""

    entry: PublishedEntry
    form: PolicyForm

    @property
    def status(self) -> int:
        """The HTTP status: 400 if a field has a value that makes no sense."""
        return 200 if self.form.is_valid() else 400

    def links(self, judged: Iterable[Verdict]) -> list[NamedLink]:
        """Return the name and address of each model, or of the row of one without models."""
        return [(verdict.name, self._path(verdict)) for verdict in judged]

    def _path(self, verdict: Verdict) -> str:
        if verdict.model is not None:
            return self.path_of("model", id=verdict.model)
        return f"{self.register_path}#{quote(html.anchor('listing', str(verdict.listing)))}"

    def misfits(
        self, judged: Iterable[Verdict]
    ) -> list[tuple[list[NamedLink], list[tuple[str, list[NamedLink]]]]]:
        """Return the models and rows that do not fit, grouped by their reasons.

        A group has the links of its models or rows, and for each reason its sentence and the links
        of the providers that it applies to.
        """
        by_reasons: dict[tuple[Reason, ...], list[Verdict]] = {}
        for verdict in judged:
            if verdict.reasons:
                by_reasons.setdefault(verdict.reasons, []).append(verdict)
        groups = []
        for reasons, misfits in by_reasons.items():
            sentences = [(reason.sentence, self._provider_links(reason)) for reason in reasons]
            groups.append((self.links(misfits), sentences))
        return groups

    def _provider_links(self, reason: Reason) -> list[NamedLink]:
        return [
            (provider.name, self.path_of("provider", id=provider.id))
            for provider in reason.providers
        ]


@public
def fit(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show which models fit the policy of `?training=…&longest=…`, and why the others do not.

    A row without models is judged by itself.
    """
    check_parameters(request.GET, PolicyForm.base_fields)
    at = timezone.now()
    index, entry = lookup.find_in_force(slug, at)
    snapshot = changelog.read_snapshot(index, entry)
    form = PolicyForm(request.GET, snapshot)
    page = QuestionContext(index, at, entry, form)
    judged = verdicts(snapshot, form.policy) if form.is_valid() else []
    query = {name: value for name, value in form.cleaned_data.items() if value}
    context = {
        "page": page,
        "query": urlencode(query),
        "fitting": page.links(verdict for verdict in judged if not verdict.reasons),
        "misfits": page.misfits(judged),
        "total": len(judged),
        **_nouns(judged),
        "accepts_everything": form.is_valid() and form.policy == Policy(),
    }
    return html_response("public/fit.html", context, index, at, status=page.status)


def _nouns(judged: list[Verdict]) -> dict[str, str]:
    """Return what is judged, in plural and as the label of a column: models, rows or both."""
    has_models = any(verdict.model is not None for verdict in judged)
    has_rows = any(verdict.model is None for verdict in judged)
    if has_models and has_rows:
        return {"noun": "models and rows", "subject": "Model or row"}
    if has_rows:
        return {"noun": "rows", "subject": "Row"}
    return {"noun": "models", "subject": "Model"}


@public
def filtered(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Show the rows of the page in force that a reader asked for, sorted as asked.

    `?clauses=1` also prints each retention clause by clause.
    """
    check_parameters(request.GET, FilterForm.base_fields)
    at = timezone.now()
    index, entry = lookup.find_in_force(slug, at)
    snapshot = changelog.read_snapshot(index, entry)
    form = FilterForm(request.GET, snapshot)
    page = QuestionContext(index, at, entry, form)
    context: dict[str, Any] = {"page": page, "total": sum(1 for _ in snapshot.rows())}
    if form.is_valid():
        rows = form.filter.rows(snapshot)
        excerpt = with_cited_footnotes(snapshot, rows[:_MAX_ROWS])
        printed = html.make_page_context(
            excerpt, clauses=form.cleaned_data["clauses"], title_level=2
        )
        context |= {"matching": len(rows), "printed": printed}
    response = html_response("public/filter.html", context, index, at, status=page.status)
    # Search engines are sent to the whole page: an excerpt was never approved (ADR 0010).
    response["Link"] = f'<{page.register_path}>; rel="canonical"'
    return response

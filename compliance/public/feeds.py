"""The feeds of what changed: Atom by Django's syndication framework, and JSON Feed 1.1 of the same entries.

An entry is a publication against the one before it. Its id and its moments are those of the publication, whatever host
is asked and whenever: a reader's program shows each once.
"""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed

from compliance.page import canonical
from compliance.page.diff import Change, Effect
from compliance.public import lookup
from compliance.public.context import RegisterContext
from compliance.public.errors import Refusal, public
from compliance.public.responses import PublicResponse
from compliance.published import changelog
from compliance.published.changelog import Step
from compliance.published.store import moment_text

# How many publications a feed looks back; a filter leaves fewer.
_ENTRIES = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """Which changes a reader wants: only weaker ones, only those that concern a model or a provider."""

    weaker: bool
    model: str
    provider: str

    @classmethod
    def of(cls, query: QueryDict) -> "Choice":
        """Return the choice of a query, in which other parameters are ignored; raises Refusal for no such value."""
        weaker = query.get("weaker", "0")
        if weaker not in ("0", "1"):
            raise Refusal(
                400, "No such value", f"weaker={weaker[:40]} is neither 1 nor 0. Use weaker=1."
            )
        for name in ("model", "provider"):
            if query.get(name) == "":
                raise Refusal(
                    400, "No such value", f"{name} has no value. Give it one, or leave it out."
                )
        return cls(weaker == "1", query.get("model", ""), query.get("provider", ""))

    def chosen(self, step: Step) -> list[Change]:
        """Return the changes of a publication that are wanted; raises StoreFault."""
        return [
            told.change
            for told in step.changes
            if (not self.weaker or told.change.effect == Effect.WEAKER)
            and (not self.model or self.model in told.models)
            and (not self.provider or self.provider in told.providers)
        ]

    @property
    def query(self) -> str:
        """The choice as a query in one order, with its question mark; empty where all is wanted."""
        query = QueryDict(mutable=True)
        query.update(
            {name: value for name in ("model", "provider") if (value := getattr(self, name))}
        )
        query.update({"weaker": "1"} if self.weaker else {})
        return f"?{query.urlencode()}" if query else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A publication in a feed, with what is told of it."""

    step: Step
    changes: list[Change]
    id: str
    path: str

    @property
    def title(self) -> str:
        """What it is, and what is weaker in it; it says the same before and after it takes effect."""
        effects = [change.effect for change in self.changes]
        counts = ", ".join(
            f"{effects.count(effect)} {effect}" for effect in Effect if effect in effects
        )
        day = f"{self.step.entry.effective_from:%Y-%m-%d}"
        return f"Publication {self.step.entry.number}, in force from {day}: {counts or 'nothing changed'}"

    @property
    def html(self) -> str:
        """The sentences as a list."""
        return render_to_string("public/feed_entry.html", {"changes": self.changes})


@dataclass(frozen=True, slots=True)
class Entries(RegisterContext):
    """A register's feed at a moment, as a reader chose it."""

    choice: Choice

    @property
    def id(self) -> str:
        """The feed's `tag:` URI (RFC 4151). By the record, not by the host: a site may move, and have several names."""
        return self._tag("changes")

    @property
    def title(self) -> str:
        """The register's title, and what the feed is."""
        return f"{self.named.title}: what {'gets weaker' if self.choice.weaker else 'changed'}"

    @property
    def updated_at(self) -> datetime:
        """When what the public sees last changed."""
        return self.index.changed_at(self.at)

    @property
    def entries(self) -> list[Entry]:
        """The newest publications in which something wanted changed; raises StoreFault."""
        found = []
        for step in changelog.steps(self.index, self.at)[:_ENTRIES]:
            changes = self.choice.chosen(step)
            if changes or not self.choice.query:
                number = step.entry.number
                found.append(
                    Entry(
                        step,
                        changes,
                        self._tag(f"changes/{number}"),
                        self.path_of("step", number=number),
                    )
                )
        return found

    def _tag(self, specific: str) -> str:
        # A name that is nobody's (RFC 2606), made of the record's random id.
        return f"tag:{self.index.record}.registry.invalid,2026:{self.path_of('register')[1:]}{specific}{self.choice.query}"


class _Atom(Atom1Feed):
    """Atom whose own id is a `tag:` URI and whose `updated` does not depend on the clock."""

    def latest_post_date(self) -> datetime:
        """Return when the register last changed."""
        moment: datetime = self.feed["updated_at"]
        return moment


class Changes(Feed):
    """The Atom feed."""

    feed_type = _Atom
    language = "en"

    def get_object(self, request: HttpRequest, *, slug: str) -> Entries:
        """Return what the feed tells; raises Refusal."""
        return Entries(*lookup.register(slug), Choice.of(request.GET))

    def title(self, told: Entries) -> str:
        """Return the feed's title."""
        return told.title

    def link(self, told: Entries) -> str:
        """Return the address of the change log."""
        return told.changes_path

    def feed_url(self, told: Entries) -> str:
        """Return the feed's own address."""
        return told.path_of("feed_atom") + told.choice.query

    def feed_guid(self, told: Entries) -> str:
        """Return the feed's id."""
        return told.id

    def author_name(self, told: Entries) -> str:
        """Return the publisher; Atom wants an author."""
        return told.named.publisher or told.named.title

    def feed_extra_kwargs(self, told: Entries) -> dict[str, Any]:
        """Return what `_Atom` needs besides."""
        return {"updated_at": told.updated_at}

    def items(self, told: Entries) -> list[Entry]:
        """Return the entries."""
        return told.entries

    def item_title(self, item: Entry) -> str:
        """Return an entry's title."""
        return item.title

    def item_description(self, item: Entry) -> str:
        """Return an entry's sentences."""
        return item.html

    def item_link(self, item: Entry) -> str:
        """Return the address of what the publication changed."""
        return item.path

    def item_guid(self, item: Entry) -> str:
        """Return an entry's id."""
        return item.id

    def item_pubdate(self, item: Entry) -> datetime:
        """Return when the public first saw it."""
        return item.step.shown_at

    def item_updateddate(self, item: Entry) -> datetime:
        """Return when it was last told otherwise."""
        return item.step.updated_at


_changes = Changes()


@public
def atom(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Give the Atom feed."""
    told = _changes.get_object(request, slug=slug)
    response = _changes(request, slug=slug)
    return _answer(response.content, "application/atom+xml; charset=utf-8", told)


@public
def json_feed(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Give the JSON Feed."""
    told = Entries(*lookup.register(slug), Choice.of(request.GET))
    value = _json(told, request.build_absolute_uri)
    content = json.dumps(value, ensure_ascii=False).encode()
    return _answer(content, "application/feed+json", told)


def _json(told: Entries, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Return the feed as https://www.jsonfeed.org/version/1.1/ says; `absolute` puts the site before a path."""
    named = told.named
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": told.title,
        "home_page_url": absolute(told.changes_path),
        "feed_url": absolute(told.path_of("feed_json") + told.choice.query),
        "language": "en",
        "authors": [{"name": named.publisher or named.title}],
        "items": [
            {
                "id": entry.id,
                "url": absolute(entry.path),
                "title": entry.title,
                "content_html": entry.html,
                "date_published": moment_text(entry.step.shown_at),
                "date_modified": moment_text(entry.step.updated_at),
                "tags": sorted({change.effect.value for change in entry.changes}),
            }
            for entry in told.entries
        ],
    }


def _answer(content: bytes, content_type: str, told: Entries) -> HttpResponse:
    headers = {"ETag": f'"{canonical.sha256(content)}"'}
    return PublicResponse(content, content_type=content_type, headers=headers).made_of(
        told.index, told.at
    )

"""The feeds of what changed: Atom with Django's syndication framework, and JSON Feed 1.1.

Both have the same items, one for each publication compared with the one before it. The ids and
moments of an item do not depend on the host or the clock, so a feed reader shows each item once.
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
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from compliance.page import canonical
from compliance.page.diff import AffectedChange, Change, Effect
from compliance.public.context import RegisterContext
from compliance.public.errors import Refusal, public
from compliance.public.responses import PublicResponse
from compliance.published import changelog, lookup
from compliance.published.changelog import PublicationStep
from compliance.published.index import moment_text

# How many publications a feed looks back. With a filter some of them have no item.
_LOOK_BACK = 50


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """Which changes a reader wants: only weaker ones, or those of one model or provider."""

    weaker: bool
    model: str
    provider: str

    @classmethod
    def of(cls, query: QueryDict) -> "FeedFilter":
        """Return the filter in a query; unknown parameters are ignored.

        Raises Refusal for a value that makes no sense.
        """
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

    def changes(self, step: PublicationStep) -> list[Change]:
        """Return the wanted changes of a publication; raises StoreFault."""
        return [affected.change for affected in step.changes if self._wants(affected)]

    def _wants(self, affected: AffectedChange) -> bool:
        if self.weaker and affected.change.effect != Effect.WEAKER:
            return False
        if self.model and self.model not in affected.models:
            return False
        return not self.provider or self.provider in affected.providers

    @property
    def query(self) -> str:
        """The filter as a query string with its question mark; "" if everything is wanted."""
        query = QueryDict(mutable=True)
        if self.model:
            query["model"] = self.model
        if self.provider:
            query["provider"] = self.provider
        if self.weaker:
            query["weaker"] = "1"
        return f"?{query.urlencode()}" if query else ""


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A publication in a feed, with the changes that the reader wants."""

    step: PublicationStep
    changes: list[Change]
    id: str
    path: str

    @property
    def title(self) -> str:
        """Number, day and effects; the title stays the same when an announced one takes effect."""
        effects = [change.effect for change in self.changes]
        counts = [f"{effects.count(effect)} {effect}" for effect in Effect if effect in effects]
        day = f"{self.step.entry.effective_from:%Y-%m-%d}"
        summary = ", ".join(counts) or "nothing changed"
        return f"Publication {self.step.entry.number}, in force from {day}: {summary}"

    @property
    def html(self) -> str:
        """The sentences about the changes as an HTML list."""
        return render_to_string("public/feed_item.html", {"changes": self.changes})


@dataclass(frozen=True, slots=True)
class ChangeFeed(RegisterContext):
    """The feed of a register at a moment, with a reader's filter."""

    filter: FeedFilter

    @property
    def id(self) -> str:
        """The feed's `tag:` URI (RFC 4151)."""
        return self._tag_uri("changes")

    @property
    def title(self) -> str:
        """The register's title, and what the feed is about."""
        return f"{self.named.title}: what {'gets weaker' if self.filter.weaker else 'changed'}"

    @property
    def updated_at(self) -> datetime:
        """When what the public sees last changed."""
        return self.index.changed_at(self.at)

    @property
    def items(self) -> list[FeedItem]:
        """The newest publications; with a filter only those with a wanted change.

        Raises StoreFault.
        """
        items = []
        for step in changelog.list_steps(self.index, self.at)[:_LOOK_BACK]:
            changes = self.filter.changes(step)
            if changes or not self.filter.query:
                number = step.entry.number
                id, path = self._tag_uri(f"changes/{number}"), self.path_of("step", number=number)
                items.append(FeedItem(step, changes, id, path))
        return items

    def _tag_uri(self, specific: str) -> str:
        # The authority is a name that nobody can own (RFC 2606), made of the record's random id:
        # a site may move to another host, or have several.
        register = self.register_path[1:]
        authority = f"{self.index.record}.registry.invalid"
        return f"tag:{authority},2026:{register}{specific}{self.filter.query}"


def _find_feed(request: HttpRequest, slug: str) -> ChangeFeed:
    """Return the feed that a request asks for; raises NotPublic, Refusal or StoreFault."""
    at = timezone.now()
    return ChangeFeed(lookup.find_register(slug, at), at, FeedFilter.of(request.GET))


class _AtomGenerator(Atom1Feed):
    """Django's generator takes the time of the newest item; ours is when the register changed."""

    def latest_post_date(self) -> datetime:
        moment: datetime = self.feed["updated_at"]
        return moment


class _AtomFeed(Feed):
    """The Atom feed, made by Django from a ChangeFeed."""

    feed_type = _AtomGenerator
    language = "en"

    def get_object(self, request: HttpRequest, *, slug: str) -> ChangeFeed:
        return _find_feed(request, slug)

    def title(self, feed: ChangeFeed) -> str:
        return feed.title

    def link(self, feed: ChangeFeed) -> str:
        return feed.changes_path

    def feed_url(self, feed: ChangeFeed) -> str:
        return feed.path_of("feed_atom") + feed.filter.query

    def feed_guid(self, feed: ChangeFeed) -> str:
        return feed.id

    def author_name(self, feed: ChangeFeed) -> str:
        # RFC 4287 demands an author, and a register may have no publisher.
        return feed.named.publisher or feed.named.title

    def feed_extra_kwargs(self, feed: ChangeFeed) -> dict[str, Any]:
        return {"updated_at": feed.updated_at}

    def items(self, feed: ChangeFeed) -> list[FeedItem]:
        return feed.items

    def item_title(self, item: FeedItem) -> str:
        return item.title

    def item_description(self, item: FeedItem) -> str:
        return item.html

    def item_link(self, item: FeedItem) -> str:
        return item.path

    def item_guid(self, item: FeedItem) -> str:
        return item.id

    def item_pubdate(self, item: FeedItem) -> datetime:
        return item.step.shown_at

    def item_updateddate(self, item: FeedItem) -> datetime:
        return item.step.updated_at


_atom_feed = _AtomFeed()


@public
def atom(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Return the Atom feed."""
    feed = _find_feed(request, slug)
    content = _atom_feed(request, slug=slug).content
    return _feed_response(content, "application/atom+xml; charset=utf-8", feed)


@public
def json_feed(request: HttpRequest, *, slug: str) -> HttpResponse:
    """Return the JSON Feed."""
    feed = _find_feed(request, slug)
    value = _json_feed(feed, request.build_absolute_uri)
    content = json.dumps(value, ensure_ascii=False).encode()
    return _feed_response(content, "application/feed+json", feed)


def _json_feed(feed: ChangeFeed, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Return a feed in the form of https://www.jsonfeed.org/version/1.1/.

    `absolute` puts the site's address before a path.
    """
    named = feed.named
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": absolute(feed.changes_path),
        "feed_url": absolute(feed.path_of("feed_json") + feed.filter.query),
        "language": "en",
        "authors": [{"name": named.publisher or named.title}],
        "items": [_json_item(item, absolute) for item in feed.items],
    }


def _json_item(item: FeedItem, absolute: Callable[[str], str]) -> dict[str, Any]:
    return {
        "id": item.id,
        "url": absolute(item.path),
        "title": item.title,
        "content_html": item.html,
        "date_published": moment_text(item.step.shown_at),
        "date_modified": moment_text(item.step.updated_at),
        "tags": sorted({change.effect.value for change in item.changes}),
    }


def _feed_response(content: bytes, content_type: str, feed: ChangeFeed) -> HttpResponse:
    headers = {"ETag": f'"{canonical.sha256(content)}"'}
    response = PublicResponse(content, content_type=content_type, headers=headers)
    return response.made_of(feed.index, feed.at)

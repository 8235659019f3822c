"""The feeds of what changed: Atom with Django's syndication framework, and JSON Feed 1.1.

Both have the same items, one for each publication, withdrawal and change that was called off. The
ids and moments of an item do not depend on the host or the clock, so a feed reader shows each item
once.
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
from django.utils.http import urlencode

from compliance.page import canonical
from compliance.page.diff import Effect
from compliance.public.changelog import EventContext
from compliance.public.context import RegisterContext
from compliance.public.errors import Refusal, check_parameters, public
from compliance.public.responses import PublicResponse
from compliance.published import lookup
from compliance.published.change_filter import ChangeFilter, InvalidFilter, read_effect
from compliance.published.events import list_events
from compliance.published.index import Index, moment_text
from compliance.published.offerings import KnownParty, PartyKind, find_party

# How many entries a feed has: the newest that its filter leaves.
_LENGTH = 50


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """Which changes a reader wants, and the model and provider that were asked for.

    `query` is the filter as a query string with its question mark; "" if everything is wanted.
    """

    changes: ChangeFilter
    model_name: str
    provider_name: str
    query: str

    @classmethod
    def of(cls, query: QueryDict, index: Index, at: datetime) -> "FeedFilter":
        """Return the filter in a query.

        Raises Refusal for a parameter that is unknown, repeated or makes no sense, NeverListed for
        the id of no model or provider.
        """
        check_parameters(query, ("effect", "model", "provider"))
        for name, value in query.items():
            if not value:
                raise Refusal(
                    400, "No such value", f"{name} has no value. Give it one, or leave it out."
                )
        try:
            effect = read_effect(query.get("effect", "")) if "effect" in query else None
        except InvalidFilter as fault:
            raise Refusal(400, "No such value", str(fault)) from fault
        nobody = KnownParty("", frozenset())
        model, provider = (
            find_party(index, kind, query.get(kind, ""), at) if kind in query else nobody
            for kind in PartyKind
        )
        asked = {
            name: query.get(name, "") for name in ("model", "provider", "effect") if name in query
        }
        return cls(
            ChangeFilter(effect, model.ids, provider.ids),
            model.name,
            provider.name,
            f"?{urlencode(asked)}" if asked else "",
        )

    @property
    def title(self) -> str:
        """What the feed is about: "stronger changes for One at Acme"."""
        effect = self.changes.effect
        words = [f"{effect} changes" if effect else "what changed"]
        if effect is Effect.WEAKER:
            words = ["weaker, mixed and unjudged changes"]
        if self.model_name:
            words.append(f"for {self.model_name}")
        if self.provider_name:
            words.append(f"at {self.provider_name}")
        return " ".join(words)


@dataclass(frozen=True)
class FeedItem(EventContext):
    """An event in a feed, with the changes that the reader wants."""

    query: str = ""

    @property
    def id(self) -> str:
        """Its `tag:` URI, which stays when the publication is renewed."""
        return tag_uri(self, f"changes/{self.event.id}{self.query}")

    @property
    def title(self) -> str:
        """What happened when, and the effects.

        It stays the same when an announced publication takes effect, and tells if it does not.
        """
        name = f"Publication {self.entry.number}"
        moment = _spelled(self.event.moment)
        if self.never_came:
            outcome = self.fulfilment or "was called off"
            head = f"{name}, announced for {_spelled(self.entry.effective_from)}, {outcome}"
        elif self.fulfilment:
            head = f"{name} {self.fulfilment}, {_spelled(self.fulfilled_at)}"
        elif self.is_published:
            head = f"{name}, in force from {moment}"
        elif self.is_called_off:
            head = f"{name} called off, {moment}; does not come"
        else:
            head = f"{name} withdrawn, {moment}"
        return f"{head}: {self.summary or 'nothing changed'}"

    @property
    def html(self) -> str:
        """What happened and the sentences about the changes, as HTML."""
        return render_to_string("public/feed_item.html", {"item": self})


def _spelled(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class ChangeFeed(RegisterContext):
    """The feed of a register at a moment, with a reader's filter."""

    filter: FeedFilter

    @property
    def id(self) -> str:
        """The feed's `tag:` URI (RFC 4151)."""
        return tag_uri(self, f"changes{self.filter.query}")

    @property
    def title(self) -> str:
        """The register's title, and what the feed is about."""
        return f"{self.named.title}: {self.filter.title}"

    @property
    def updated_at(self) -> datetime:
        """When what the public sees last changed."""
        return self.index.changed_at(self.at)

    @property
    def items(self) -> list[FeedItem]:
        """The newest events; with a filter the newest that have a wanted change.

        Raises StoreFault.
        """
        wanted, query = self.filter.changes, self.filter.query
        events = wanted.select(self.index, list_events(self.index, self.at), limit=_LENGTH)
        return [FeedItem(self.index, self.at, event, wanted, query) for event in events]


def tag_uri(register: RegisterContext, specific: str) -> str:
    """Return the `tag:` URI (RFC 4151) of something about a register."""
    # The authority is a name that nobody can own (RFC 2606), made of the record's random id:
    # a site may move to another host, or have several.
    authority = f"{register.index.record}.registry.invalid"
    return f"tag:{authority},2026:{register.register_path[1:]}{specific}"


def _find_feed(request: HttpRequest, slug: str) -> ChangeFeed:
    """Return the feed that a request asks for; raises NotPublic, Refusal or StoreFault."""
    at = timezone.now()
    index = lookup.find_register(slug, at)
    return ChangeFeed(index, at, FeedFilter.of(request.GET, index, at))


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
        return item.event.told_at

    def item_updateddate(self, item: FeedItem) -> datetime:
        return item.event.updated_at


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
        "date_published": moment_text(item.event.told_at),
        "date_modified": moment_text(item.event.updated_at),
        "tags": sorted({change.effect.value for change in item.changes}),
    }


def _feed_response(content: bytes, content_type: str, feed: ChangeFeed) -> HttpResponse:
    headers = {"ETag": f'"{canonical.sha256(content)}"'}
    response = PublicResponse(content, content_type=content_type, headers=headers)
    return response.made_of(feed.index, feed.at)

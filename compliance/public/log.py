"""The public log: its signed checkpoint, the hashes of its leaves, and the proof of a publication.

All of it is read from the published store. The leaves themselves are not listed, because some tell
of publications that are not public yet; who knows a leaf finds it by its hash.
"""

import json
from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from compliance.page import canonical
from compliance.public.errors import not_found, public
from compliance.public.responses import PublicResponse
from compliance.published import lookup, reader
from compliance.published.cache_headers import SHORT_CACHING_SECONDS
from compliance.published.log import PublicLog

_TEXT = "text/plain; charset=utf-8"


@public
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Return the signed checkpoint (https://c2sp.org/tlog-checkpoint), which is worth saving.

    It changes with each event of the log, and never when the working copy is edited.
    """
    return _response(_find_log().checkpoint.encode(), _TEXT)


@public
def leaf_hashes(request: HttpRequest) -> HttpResponse:
    """Return the hash of each leaf in hex, one a line.

    Whoever saved an earlier checkpoint can compute its root again from the first lines: the log has
    then only grown.
    """
    lines = [f"{leaf_hash.hex()}\n" for leaf_hash in _find_log().leaf_hashes]
    return _response("".join(lines).encode(), _TEXT)


@public
def proof(request: HttpRequest, *, slug: str, number: int) -> HttpResponse:
    """Return the proof that the approval of a publication is in the log."""
    index, entry = lookup.find_numbered(slug, number, timezone.now())
    proven = _find_log().prove(index, entry)
    return _response(json.dumps(asdict(proven), ensure_ascii=False).encode(), "application/json")


def _find_log() -> PublicLog:
    """Return the log; raises Refusal if there is none, StoreFault if it cannot be read."""
    log = reader.read_log()
    if log is None:
        raise not_found(
            "There is no public log. Nothing is published yet, or the registry has no signing key."
        )
    return log


def _response(content: bytes, content_type: str) -> PublicResponse:
    """Return a response that caches keep only shortly: each event of the log changes it."""
    headers = {
        "ETag": f'"{canonical.sha256(content)}"',
        "Cache-Control": f"public, max-age={SHORT_CACHING_SECONDS}",
    }
    return PublicResponse(content, content_type=content_type, headers=headers)

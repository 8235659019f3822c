"""The HTTP caching headers of what is published, for the pages and the API alike."""

from datetime import datetime

from django.utils.http import http_date

from compliance.published.index import Index

# How many seconds a cache may keep what is in force.
SHORT_CACHING_SECONDS = 60


def short_caching(index: Index, at: datetime) -> str:
    """Return the Cache-Control of what is in force: never past the next known change."""
    return f"public, max-age={index.fresh_for(at, seconds=SHORT_CACHING_SECONDS)}"


def http_moment(moment: datetime) -> str:
    """Return a moment as HTTP headers write it."""
    return http_date(moment.timestamp())

"""How many requests a minute the API answers to one address."""

from datetime import datetime

from django.conf import settings
from django.core.cache import caches
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from compliance.accounts.client_address import client_network
from compliance.page import canonical


class Throttle(BaseThrottle):
    """A counter for each address and minute.

    Each process counts for itself: this stops a runaway script, not an attack. The framework's own
    throttles are not used because they keep the moment of every request.
    """

    def __init__(self) -> None:
        self._at: datetime = timezone.now()

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count a request and return whether it is within the limit; 0 means no limit."""
        limit: int = settings.API_REQUESTS_A_MINUTE
        if not limit:
            return True
        counters = caches["api"]
        key = canonical.sha256(f"{client_network(request)} {self._at:%H:%M}".encode())
        counters.add(key, 0, timeout=60)
        try:
            return counters.incr(key) <= limit
        except ValueError:  # the cache was full and dropped this counter
            return True

    def wait(self) -> float:
        """Return in how many seconds the next minute begins."""
        return 60 - self._at.second

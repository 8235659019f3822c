"""How many requests a minute the API answers to one address, counted in this process's memory."""

from datetime import datetime

from django.conf import settings
from django.core.cache import caches
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from compliance.page import canonical


class Throttle(BaseThrottle):
    """A counter a minute and address. Each process has its own: it holds off a runaway script, not an attack.

    Not the framework's own throttle, which keeps the moment of every request.
    """

    def __init__(self) -> None:
        self._at: datetime = timezone.now()

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count a request, and say whether it is within the limit; 0 is no limit."""
        limit: int = settings.API_REQUESTS_A_MINUTE
        if not limit:
            return True
        counters, key = caches["api"], f"{_address(request)} {self._at:%H:%M}"
        key = canonical.sha256(key.encode())
        counters.add(key, 0, timeout=60)
        try:
            return counters.incr(key) <= limit
        except ValueError:  # the memory was full, and the counter the one that went
            return True

    def wait(self) -> float:
        """Return in how many seconds the next minute begins."""
        return 60 - self._at.second


def _address(request: Request) -> str:
    """Return the client's address: what the proxy in front says where it is trusted, else the connection's."""
    header = settings.CLIENT_ADDRESS_HEADER
    return str(request.headers.get(header) if header else "") or str(request.META["REMOTE_ADDR"])

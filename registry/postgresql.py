"""Connections to PostgreSQL that do not wait for ever for a server that hangs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

# Beyond the statement timeout, within which a server that works refuses by itself.
_GRACE = 1.0
_shorter: ContextVar[float | None] = ContextVar("shorter", default=None)


@contextmanager
def answers_within(seconds: float) -> Iterator[None]:
    """Let each wait for the server in the `with` block end after so many seconds."""
    token = _shorter.set(seconds)
    try:
        yield
    finally:
        _shorter.reset(token)


def connection_class(longest_statement: float) -> type["psycopg.Connection[Any]"]:
    """Return a class of connections that are closed if the server stops answering.

    `longest_statement` is the timeout of a statement in seconds; 0 means to wait for ever. The
    server's own timeouts do not help when its processes are stopped or its machine is gone: then
    nothing arrives, not even an error.
    """

    class Connection(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            limit = _shorter.get() or (longest_statement + _GRACE if longest_statement else None)
            if timeout is not None or limit is None:
                limit = float("inf")
            else:
                timeout = limit
            ends_at = monotonic() + limit
            try:
                return super().wait(gen, interval, timeout)
            except psycopg.OperationalError as error:
                if monotonic() >= ends_at:
                    # An answer that came later would be taken for that of the next statement.
                    self.close()
                    raise psycopg.OperationalError(
                        f"The server did not answer within {limit:g} seconds."
                    ) from error
                if self.closed and isinstance(self._pool, ConnectionPool):
                    # A restart ended the others too. The pool would find out one by one, with a
                    # longer pause after each.
                    self._pool.drain()
                raise

    return Connection

"""A database and a published store for one run of a bench, which are gone afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit


@contextmanager
def fresh(folder: Path, name: str = "bench") -> Iterator[dict[str, str]]:
    """Give the environment for processes with a database and a store of their own, both empty.

    The database is made on the PostgreSQL server that DATABASE_URL names; else it is a SQLite file in the folder.
    """
    server = urlsplit(os.environ.get("DATABASE_URL", ""))
    environment = {**os.environ, "PUBLISHED_ROOT": str(folder / f"{name}-published")}
    if not server.scheme.startswith("postgres"):
        yield {**environment, "DATABASE_URL": f"sqlite:///{folder / name}.sqlite3"}
        return
    import psycopg

    made = f"bench_{os.getpid()}_{name}"
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{made}"')
        try:
            yield {**environment, "DATABASE_URL": server._replace(path=f"/{made}").geturl()}
        finally:
            connection.execute(f'DROP DATABASE "{made}" WITH (FORCE)')

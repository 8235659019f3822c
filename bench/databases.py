"""A temporary database and published store for one run of a benchmark."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit


@contextmanager
def fresh(folder: Path, name: str = "bench") -> Iterator[dict[str, str]]:
    """Yield the environment variables of an empty database and an empty published store.

    The database is created on the PostgreSQL server that DATABASE_URL names, and dropped
    afterwards. Without such a server it is a SQLite file in the folder.
    """
    server = urlsplit(os.environ.get("DATABASE_URL", ""))
    environment = {**os.environ, "PUBLISHED_ROOT": str(folder / f"{name}-published")}
    if not server.scheme.startswith("postgres"):
        yield {**environment, "DATABASE_URL": f"sqlite:///{folder / name}.sqlite3"}
        return
    import psycopg

    database = f"bench_{os.getpid()}_{name}"
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database}"')
        try:
            yield {**environment, "DATABASE_URL": server._replace(path=f"/{database}").geturl()}
        finally:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')

"""A temporary database and published store for one run of a benchmark."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, urlsplit


@contextmanager
def fresh(folder: Path, name: str = "bench") -> Iterator[dict[str, str]]:
    """Yield the environment variables of an empty database and store, and a signing key to make.

    The database is created on the PostgreSQL server that DATABASE_URL names, and dropped
    afterwards. Without such a server it is a SQLite file in the folder. MIGRATED may name a file to
    copy for it, which a migration has made already and which is empty besides.
    """
    server = urlsplit(os.environ.get("DATABASE_URL", ""))
    environment = {
        **os.environ,
        "PUBLISHED_ROOT": str(folder / f"{name}-published"),
        "SIGNING_KEY_FILE": str(folder / f"{name}.key"),
        "SITE_URL": "http://127.0.0.1",  # the key has the name of the site
    }
    if not server.scheme.startswith("postgres"):
        file = folder / f"{name}.sqlite3"
        if migrated := os.environ.get("MIGRATED"):
            shutil.copyfile(migrated, file)
        yield {**environment, "DATABASE_URL": f"sqlite:///{file}"}
        return
    database = f"bench_{os.getpid()}_{name}"
    _execute(server, f'CREATE DATABASE "{database}"')
    try:
        yield {**environment, "DATABASE_URL": server._replace(path=f"/{database}").geturl()}
    finally:
        _execute(server, f'DROP DATABASE "{database}" WITH (FORCE)')


def _execute(server: SplitResult, statement: str) -> None:
    # Over a new connection each time: a bench may restart the server meanwhile.
    import psycopg

    url = server._replace(path="/postgres").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)

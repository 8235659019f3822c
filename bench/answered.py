"""How fast the page is answered, as ratios in one run: beside an empty view, a page rendered by hand, and nginx.

    python -m bench.answered [--rounds 5] [--seconds 3] [--threads 1] [--short]

Each round asks every server in turn, and a ratio is that of one round; printed is the median of the rounds. All Django
servers are gunicorn with two workers, nginx has two as well; the load is wrk with eight connections that stay open.
Each ratio is given twice: of answers a second, in which load from elsewhere shows, and of answers for a second of the
server's processor time. The second is held to the aims. `--short` is one round of a second: that it runs, not how fast.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.request import Request, urlopen

from bench.serving import WORKERS, Speed, free_port, gunicorn, load, need, nginx, with_style_sheets

PAGE, FILE = "/llms-privacy/", "/llms-privacy.json"
# What is compared, with what, and the ratio aimed at: at least, and at most where there is one.
AIMS = [
    ("page in force", "empty view", 0.6, None),
    ("page in force", "by hand", 10, None),
    ("page, 304", "empty view", 0.8, None),
    ("JSON", "empty view", 0.6, None),
    ("JSON", "by hand", 10, None),
    ("JSON, 304", "empty view", 0.8, None),
    ("page in force", "nginx", None, None),
    ("export, page", "nginx", 0.95, None),
]
OF_THE_CONNECTION = ("server", "date", "connection", "content-length", "content-type")
Ask = Callable[[int], Speed]


def fill(folder: Path) -> dict[str, str]:
    """Load the fixture into a new registry, export it, and return the environment that serves it."""
    environment = {
        **with_style_sheets(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "PUBLISHED_ROOT": str(folder / "published"),
    }
    for command in (["migrate"], ["demo"], ["export_site", str(folder / "site")]):
        run = [sys.executable, "manage.py", *command]
        subprocess.run(
            run, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
        )
    return environment


def serve(folder: Path, threads: int, servers: ExitStack) -> dict[str, Ask]:
    """Start every server, and return what asks each for so many seconds, by its name."""
    environment = fill(folder)
    ours = servers.enter_context(gunicorn("registry.wsgi", environment, threads=threads, path=PAGE))
    by_hand = servers.enter_context(gunicorn("bench.by_hand", environment, threads=threads))
    empty = servers.enter_context(gunicorn("bench.empty", {}, threads=threads))
    etags = {path: _headers(ours + path)["ETag"] for path in (PAGE, FILE)}
    plain, exported = _nginx(folder, ours, servers)

    def asking(url: str, **headers: str) -> Ask:
        return lambda seconds: load(url, seconds=seconds, headers={"Host": "127.0.0.1", **headers})

    return {
        "empty view": asking(empty),
        "by hand": asking(by_hand),
        "page in force": asking(ours + PAGE),
        "page, 304": asking(ours + PAGE, **{"If-None-Match": etags[PAGE]}),
        "JSON": asking(ours + FILE),
        "JSON, 304": asking(ours + FILE, **{"If-None-Match": etags[FILE]}),
        "nginx": asking(plain),
        "export, page": asking(exported + PAGE),
    }


def _nginx(folder: Path, ours: str, servers: ExitStack) -> tuple[str, str]:
    """Serve the page's bytes and headers as a plain file, and the export as it is shipped; return both addresses."""
    with urlopen(ours + PAGE) as answer:
        (folder / "page.html").write_bytes(answer.read())
    said = [
        (name, value)
        for name, value in _headers(ours + PAGE).items()
        if name.lower() not in OF_THE_CONNECTION
    ]
    plain, exported = free_port(), free_port()
    lines = [
        f"listen 127.0.0.1:{plain};",
        f"root {folder};",
        "etag off;",
        'types { "text/html; charset=utf-8" html; }',
    ]
    lines += ["add_header {} '{}';".format(name, value.replace("'", "\\'")) for name, value in said]
    shipped = Path("deploy/nginx-static.conf").read_text()
    shipped = shipped.replace("/srv/registry/site", f"{folder}/site").replace(
        "listen 8118", f"listen 127.0.0.1:{exported}"
    )
    sites = f"{shipped}\nserver {{ {' '.join(lines)} }}"
    url = f"http://127.0.0.1:{plain}/page.html"
    servers.enter_context(nginx(folder / "nginx", sites, url))
    return url, f"http://127.0.0.1:{exported}"


def _headers(url: str) -> dict[str, str]:
    with urlopen(Request(url, method="HEAD")) as answer:
        return dict(answer.headers)


def main() -> None:
    """Ask in rounds, print speeds and ratios; exit 1 when one is not what is aimed at."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of each worker")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    need("wrk", "wrk")
    need("nginx", "nginx")
    rounds, seconds = (1, 1) if options.short else (options.rounds, options.seconds)
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        asked = serve(Path(name), options.threads, servers)
        for ask in asked.values():
            ask(1)
        told = [{name: ask(seconds) for name, ask in asked.items()} for _ in range(rounds)]
    print(
        f"{WORKERS} workers of {options.threads} threads, {rounds} rounds of {seconds} s, medians"
    )
    print(f"{'answers':31}{'a second':>10}{'a processor second':>20}")
    for name in asked:
        speeds = [
            statistics.median(column) for column in zip(*(each[name] for each in told), strict=True)
        ]
        print(f"  {name:29}{speeds[0]:10.0f}{speeds[1]:20.0f}")
    print(f"{'ratios':31}{'a second':>10}{'a processor second':>20}")
    missed = [_told(told, *aim) for aim in AIMS]
    if any(missed) and not options.short:
        sys.exit("A ratio is not what is aimed at.")


def _told(
    told: list[dict[str, Speed]], name: str, beside: str, least: float | None, most: float | None
) -> bool:
    """Print a pair of ratios and return whether the aim was missed."""
    by_clock, by_processor = (
        statistics.median(each[name][way] / each[beside][way] for each in told) for way in range(2)
    )
    missed = (least is not None and by_processor < least) or (
        most is not None and by_processor > most
    )
    aim = (
        ""
        if least is None
        else f"aim: {least:g} to {most:g}"
        if most
        else f"aim: at least {least:g}"
    )
    print(
        f"  {f'{name} / {beside}':29}{by_clock:10.2f}{by_processor:20.2f}   {aim}{', MISSED' if missed else ''}"
    )
    return missed


if __name__ == "__main__":
    main()

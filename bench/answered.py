"""Compares the speed of the public page with an empty view, a hand-written page and nginx.

    python -m bench.answered [--rounds 5] [--seconds 3] [--threads 1] [--short]

Each round measures every server in turn and yields one ratio per pair; the median of the rounds is
printed. Every Django server is gunicorn with two workers, and nginx has two workers as well. The
load comes from wrk with eight kept-alive connections.

Each ratio is printed twice: by responses per second, which also depends on what else the machine
does, and by responses per second of the server's processor time. Only the second must reach its
target. `--short` runs one round of five seconds, to show that the benchmark works.
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
# Each pair of servers with the smallest and the largest ratio of their speeds that is acceptable.
TARGETS = [
    ("page in force", "empty view", 0.6, None),
    ("page in force", "by hand", 10, None),
    ("page, 304", "empty view", 0.8, None),
    ("JSON", "empty view", 0.6, None),
    ("JSON", "by hand", 10, None),
    ("JSON, 304", "empty view", 0.8, None),
    ("page in force", "nginx", None, None),
    ("export, page", "nginx", 0.95, None),
]
CONNECTION_HEADERS = ("server", "date", "connection", "content-length", "content-type")
Measure = Callable[[int], Speed]  # takes the number of seconds


def fill(folder: Path) -> dict[str, str]:
    """Load the demo into a new registry, export it, and return the environment that serves it."""
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


def serve(folder: Path, threads: int, servers: ExitStack) -> dict[str, Measure]:
    """Start every server and return, by its name, the function that measures its speed."""
    environment = fill(folder)
    ours = servers.enter_context(gunicorn("registry.wsgi", environment, threads=threads, path=PAGE))
    by_hand = servers.enter_context(gunicorn("bench.by_hand", environment, threads=threads))
    empty = servers.enter_context(gunicorn("bench.empty", {}, threads=threads))
    etags = {path: _headers(ours + path)["ETag"] for path in (PAGE, FILE)}
    plain, exported = _nginx(folder, ours, servers)

    def measure(url: str, **headers: str) -> Measure:
        return lambda seconds: load(url, seconds=seconds, headers={"Host": "127.0.0.1", **headers})

    return {
        "empty view": measure(empty),
        "by hand": measure(by_hand),
        "page in force": measure(ours + PAGE),
        "page, 304": measure(ours + PAGE, **{"If-None-Match": etags[PAGE]}),
        "JSON": measure(ours + FILE),
        "JSON, 304": measure(ours + FILE, **{"If-None-Match": etags[FILE]}),
        "nginx": measure(plain),
        "export, page": measure(exported + PAGE),
    }


def _nginx(folder: Path, ours: str, servers: ExitStack) -> tuple[str, str]:
    """Serve a plain file and the static export with nginx, and return the address of each.

    The plain file has the same bytes and headers as the page of the application.
    """
    with urlopen(ours + PAGE) as response:
        (folder / "page.html").write_bytes(response.read())
    headers = [
        (name, value)
        for name, value in _headers(ours + PAGE).items()
        if name.lower() not in CONNECTION_HEADERS
    ]
    plain, exported = free_port(), free_port()
    lines = [
        f"listen 127.0.0.1:{plain};",
        f"root {folder};",
        "etag off;",
        'types { "text/html; charset=utf-8" html; }',
    ]
    for name, value in headers:
        quoted = value.replace("'", "\\'")
        lines.append(f"add_header {name} '{quoted}';")
    shipped = Path("deploy/nginx-static.conf").read_text()
    shipped = shipped.replace("/srv/registry/site", f"{folder}/site").replace(
        "listen 8118", f"listen 127.0.0.1:{exported}"
    )
    sites = f"{shipped}\nserver {{ {' '.join(lines)} }}"
    url = f"http://127.0.0.1:{plain}/page.html"
    servers.enter_context(nginx(folder / "nginx", sites, url))
    return url, f"http://127.0.0.1:{exported}"


def _headers(url: str) -> dict[str, str]:
    with urlopen(Request(url, method="HEAD")) as response:
        return dict(response.headers)


def main() -> None:
    """Print the speeds and the ratios; exit with 1 if a ratio misses its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="threads of each worker")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    need("wrk", "wrk")
    need("nginx", "nginx")
    rounds, seconds = (1, 5) if options.short else (options.rounds, options.seconds)
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        measures = serve(Path(name), options.threads, servers)
        for measure in measures.values():
            measure(seconds)  # warm up
        results = []
        for _ in range(rounds):
            results.append({name: measure(seconds) for name, measure in measures.items()})
    print(
        f"{WORKERS} workers of {options.threads} threads, {rounds} rounds of {seconds} s, medians"
    )
    print(f"{'responses':31}{'per second':>12}{'per CPU second':>16}")
    for name in measures:
        by_clock = statistics.median(speeds[name].per_second for speeds in results)
        by_processor = statistics.median(speeds[name].per_processor_second for speeds in results)
        print(f"  {name:29}{by_clock:12.0f}{by_processor:16.0f}")
    print(f"{'ratios':31}{'per second':>12}{'per CPU second':>16}")
    missed = [_misses_target(results, *target) for target in TARGETS]
    if any(missed) and not options.short:
        sys.exit("A ratio misses its target.")


def _misses_target(
    results: list[dict[str, Speed]],
    name: str,
    baseline: str,
    least: float | None,
    most: float | None,
) -> bool:
    """Print the two ratios of a pair of servers and return whether the target was missed."""
    by_clock = statistics.median(
        speeds[name].per_second / speeds[baseline].per_second for speeds in results
    )
    by_processor = statistics.median(
        speeds[name].per_processor_second / speeds[baseline].per_processor_second
        for speeds in results
    )
    missed = False
    target = ""
    if least is not None:
        missed = by_processor < least
        target = f"target: at least {least:g}"
    if most is not None:
        missed = missed or by_processor > most
        target += f", at most {most:g}"
    verdict = ", MISSED" if missed else ""
    print(f"  {f'{name} / {baseline}':29}{by_clock:12.2f}{by_processor:16.2f}   {target}{verdict}")
    return missed


if __name__ == "__main__":
    main()

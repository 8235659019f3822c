"""Checks that a large register is served as fast as a small one, and measures the memory it needs.

    python -m bench.grown_store [--publications 10 10000] [--listings 20 5000] [--only …]
                                [--rounds 5]

The published stores are written without a database. In one pair every publication is the demo's
page (four files each, as hard links), less than a day after the one before. In the other pair three
publications have a page with the given number of listings.

Ten publication numbers and ten days, spread over all publications, are requested in turn, at both
sizes in each round, in three ways: from the response cache ("memory"), rendered anew (with an
unknown query parameter, which pages ignore and the cache does not store), and with the ETag that a
client already has ("304"). Printed are the medians of the responses per second of the server's
processor time, and the ratio of the large register to the small one. In the end every publication's
page is requested once, then the change log, the feeds and the history of models, and the memory of
each worker is printed.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

from bench.scale import MODELS_PER_LISTING, page
from bench.serving import gunicorn, load, need, resident, with_style_sheets, workers_of
from bench.staging import set_up_django

SLUG = "generated"
MOST_MEMORY = 120  # MiB in each worker
TOLERANCE = 0.1  # the large register may be slower by this share
FIRST = datetime(1999, 1, 1, 12, tzinfo=UTC)
LAST = datetime(2026, 6, 1, 12, tzinfo=UTC)


def fill(folder: Path, snapshot: object, publications: int) -> Path:
    """Write a published store in which every publication has the same page; return its folder."""
    from compliance.page import canonical
    from compliance.published.index import Index, PublishedEntry, StoredFile, encode_index
    from compliance.rendering.html import artefacts

    files = artefacts(snapshot)  # type: ignore[arg-type]
    (folder / SLUG).mkdir(parents=True)
    for format, content in files.items():
        (folder / f"frozen.{format}").write_bytes(content)
        for number in range(1, publications + 1):
            # ext4 allows 65,000 hard links to a file.
            os.link(folder / f"frozen.{format}", folder / SLUG / f"{number}.{format}")
    stored = {
        name: StoredFile(canonical.sha256(content), len(content)) for name, content in files.items()
    }
    entries = []
    for number in range(1, publications + 1):
        moment = approved_at(number, publications)
        entry = PublishedEntry(
            number=number,
            approval_sha256=canonical.sha256(f"{number}".encode()),
            event=number,
            title="Generated",
            language="en",
            publisher="Bench",
            contact="",
            licence="",
            source="native",
            effective_from=moment,
            approved_at=moment,
            announced=False,
            withdrawn_at=None,
            renews=None,
            renewed_by=None,
            renewed_at=None,
            grades={},
            files=stored,
        )
        entries.append(entry)
    index = Index("00000000-0000-4000-8000-000000000001", 1, SLUG, tuple(entries))
    (folder / "record").write_text(f"{index.record}\n")
    (folder / SLUG / "index.json").write_bytes(encode_index(index))
    return folder


def approved_at(number: int, publications: int) -> datetime:
    """Return when a publication was approved: 20 hours before the next, the last one on LAST."""
    return LAST - (publications - number) * timedelta(hours=20)


def addresses(publications: int) -> dict[str, list[str]]:
    """Return ten addresses by number and ten by day, spread over all publications."""
    numbers = [1 + (publications - 1) * step // 9 for step in range(10)]
    days = [approved_at(number, publications) for number in numbers]
    return {
        "by number": [f"/{SLUG}/{number}/" for number in numbers],
        "by day": [f"/{SLUG}/as-of/{day:%Y-%m-%d}/" for day in days],
    }


def write_script(site: str, folder: Path, paths: list[str], way: str) -> Path:
    """Write a Lua script with which wrk requests some addresses in turn."""
    requests = []
    for path in paths:
        with urlopen(Request(site + path, method="HEAD")) as response:
            tag = json.dumps(response.headers["ETag"])
        headers = f'["If-None-Match"]={tag}' if way == "304" else ""
        query = "?x" if way == "anew" else ""
        requests.append(f"wrk.format('GET', '{path}{query}', {{{headers}}})")
    script = folder / f"requests-{len(list(folder.glob('requests-*')))}.lua"
    table = ",".join(requests)
    # wrk.format works only once wrk has started the thread, so the table is made on first use.
    script.write_text(
        f"turn = 0\nrequest = function()\n    requests = requests or {{{table}}}\n"
        "    turn = turn % #requests + 1\n    return requests[turn]\nend\n"
    )
    return script


def compare(
    sites: list[str], paths: list[dict[str, list[str]]], folder: Path, options: argparse.Namespace
) -> bool:
    """Measure both stores, print speeds and ratios; return whether a ratio missed its target."""
    missed = False
    for kind in paths[0]:
        for way in ("memory", "304", "anew"):
            scripts = [
                write_script(site, folder, paths_of_site[kind], way)
                for site, paths_of_site in zip(sites, paths, strict=True)
            ]
            rounds: list[tuple[float, float]] = []
            for _ in range(options.rounds):
                small, large = (
                    load(site, seconds=options.seconds, script=script).per_processor_second
                    for site, script in zip(sites, scripts, strict=True)
                )
                rounds.append((small, large))
            ratio = statistics.median(large / small for small, large in rounds)
            small = statistics.median(small for small, _ in rounds)
            large = statistics.median(large for _, large in rounds)
            verdict = ""
            # A longer page takes longer to send. So where the pages of the two registers differ,
            # only the response without content has a target.
            if way == "304" or options.same_page:
                verdict = f"target: at least {1 - TOLERANCE:g}"
                if ratio < 1 - TOLERANCE:
                    verdict += ", MISSED"
                    missed = True
            columns = f"  {kind:10} {way:8}{small:10.0f}{large:10.0f}{ratio:8.2f}"
            print(f"{columns}   {verdict}", flush=True)
    return missed


def measure_memory(site: str, publications: int) -> bool:
    """Request every page, print the memory of each worker and return whether it is too much."""
    workers = workers_of(site)
    print(f"  memory of each worker: {_memory(workers)} MiB after the above", flush=True)
    for number in range(1, publications + 1):
        with urlopen(f"{site}/{SLUG}/{number}/") as response:
            response.read()
    print(f"  {_memory(workers)} MiB after the page of every publication", flush=True)
    middle = approved_at(1 + publications // 2, publications)
    for path in (
        "changes/",
        "changes/?page=2",
        "feed.atom",
        "feed.json",
        "models/",
        f"as-of/{middle:%Y-%m-%d}/",
        f"compare/1/{publications}/",
    ):
        for _ in range(6):  # so that each worker has answered at least once
            with urlopen(f"{site}/{SLUG}/{path}") as response:
                response.read()
    most = max(map(resident, workers))
    is_missed = most > MOST_MEMORY
    verdict = f"target: at most {MOST_MEMORY}{', MISSED' if is_missed else ''}"
    print(f"  {_memory(workers)} MiB after change log, feeds and history of models   {verdict}")
    return is_missed


def _memory(workers: list[int]) -> str:
    return " and ".join(f"{resident(worker):.0f}" for worker in workers)


def main() -> None:
    """Compare the sizes and measure the memory; exit with 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publications", type=int, nargs=2, default=[10, 10_000])
    parser.add_argument("--listings", type=int, nargs=2, default=[20, 5_000])
    parser.add_argument("--only", choices=["publications", "listings"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    need("wrk", "wrk")
    set_up_django()
    from compliance.page.formats import markdown

    seed = markdown.parse(Path("fixtures/llms-privacy.md").read_text())
    missed = False
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        environment = {
            **with_style_sheets(base),
            "DATABASE_URL": f"sqlite:///{base / 'none.sqlite3'}",
        }
        for what, sizes in (("publications", options.publications), ("listings", options.listings)):
            if options.only not in (None, what):
                continue
            options.same_page = what == "publications"
            print(
                f"{what + ', responses per CPU second':34}{sizes[0]:>7}{sizes[1]:>10}   ratio",
                flush=True,
            )
            with ExitStack() as servers:
                sites, paths = [], []
                for size in sizes:
                    publications, snapshot = size, seed
                    if not options.same_page:
                        publications = 3
                        snapshot = markdown.parse(page(size * MODELS_PER_LISTING))
                    store = fill(base / f"{what}-{size}", snapshot, publications)
                    served = {**environment, "PUBLISHED_ROOT": str(store)}
                    site = gunicorn(
                        "registry.wsgi", served, threads=options.threads, path=f"/{SLUG}/"
                    )
                    sites.append(servers.enter_context(site))
                    paths.append(addresses(publications))
                missed |= compare(sites, paths, base, options)
                if options.same_page:
                    missed |= measure_memory(sites[1], sizes[1])
            for size in sizes:
                shutil.rmtree(base / f"{what}-{size}")
    if missed:
        sys.exit("A target is missed.")


if __name__ == "__main__":
    main()

"""Whether a grown register is answered as fast as a small one, and how much memory a process needs for it.

    python -m bench.grown_store [--publications 10 10000] [--listings 20 5000] [--only …] [--rounds 5]

Stores are made without a database: the fixture's page as every publication, four files each (hard links), a day apart;
or pages of so many listings, as three publications. Ten numbers and ten days, spread over all, are asked for in turn,
at both sizes in each round: as from memory, made anew (an unknown parameter, which pages ignore and memory does not
keep), and with the tag of what the client has. Printed are the medians of answers for a second of the server's processor
time, and the ratio of the large register to the small one. At last every publication's page is asked for once, then the
change log, the feed and the lives, and the memory of the workers is printed.
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

from bench.scale import MODELS_A_LISTING, page
from bench.serving import Speed, gunicorn, load, need, resident, with_style_sheets, workers_of
from bench.staging import set_up_django

SLUG, MOST_MEMORY, WITHIN = "generated", 120, 0.1
FIRST = datetime(1999, 1, 1, 12, tzinfo=UTC)
LAST = datetime(2026, 6, 1, 12, tzinfo=UTC)


def fill(folder: Path, snapshot: object, publications: int) -> Path:
    """Make a store of so many publications of one page; return its folder."""
    from compliance.page import canonical
    from compliance.published.index import Index, PublishedEntry, StoredFile, encode_index
    from compliance.rendering.html import artefacts

    files = artefacts(snapshot)  # type: ignore[arg-type]
    (folder / SLUG).mkdir(parents=True)
    for format, content in files.items():
        (folder / f"frozen.{format}").write_bytes(content)
        for number in range(1, publications + 1):
            # A file has a limit of names: ext4 takes 65,000 links.
            os.link(folder / f"frozen.{format}", folder / SLUG / f"{number}.{format}")
    stored = {
        name: StoredFile(canonical.sha256(content), len(content)) for name, content in files.items()
    }
    entries = tuple(
        PublishedEntry(
            number=number,
            title="Generated",
            language="en",
            publisher="Bench",
            contact="",
            licence="",
            source="native",
            effective_from=(moment := LAST - (publications - number) * timedelta(hours=20)),
            approved_at=moment,
            announced=False,
            withdrawn_at=None,
            files=stored,
        )
        for number in range(1, publications + 1)
    )
    index = Index("00000000-0000-4000-8000-000000000001", 1, SLUG, entries)
    (folder / "record").write_text(f"{index.record}\n")
    (folder / SLUG / "index.json").write_bytes(encode_index(index))
    return folder


def addresses(publications: int) -> dict[str, list[str]]:
    """Return ten addresses by number and ten by day, spread over all publications."""
    numbers = [1 + (publications - 1) * step // 9 for step in range(10)]
    days = [LAST - (publications - number) * timedelta(hours=20) for number in numbers]
    return {
        "by number": [f"/{SLUG}/{number}/" for number in numbers],
        "by day": [f"/{SLUG}/as-of/{day:%Y-%m-%d}/" for day in days],
    }


def asking(site: str, folder: Path, paths: list[str], way: str) -> Path:
    """Write what wrk runs to ask some addresses in turn."""
    requests = []
    for path in paths:
        with urlopen(Request(site + path, method="HEAD")) as answer:
            tag = json.dumps(answer.headers["ETag"])
        headers = f'["If-None-Match"]={tag}' if way == "304" else ""
        requests.append(
            f"wrk.format('GET', '{path}{'?x' if way == 'anew' else ''}', {{{headers}}})"
        )
    script = folder / f"asking-{len(list(folder.glob('asking-*')))}.lua"
    listed = ",".join(requests)
    script.write_text(
        f"turn = 0\nrequest = function()\n    asked = asked or {{{listed}}}\n"
        "    turn = turn % #asked + 1\n    return asked[turn]\nend\n"
    )
    return script


def compare(
    sites: list[str], paths: list[dict[str, list[str]]], folder: Path, options: argparse.Namespace
) -> bool:
    """Ask both stores, print speeds and ratios; return whether one is further from 1 than is aimed at."""
    missed = False
    for kind in paths[0]:
        for way in ("memory", "304", "anew"):
            scripts = [
                asking(site, folder, each[kind], way)
                for site, each in zip(sites, paths, strict=True)
            ]
            told: list[list[Speed]] = []
            for _ in range(options.rounds):
                told.append(
                    [
                        load(site, seconds=options.seconds, script=script)
                        for site, script in zip(sites, scripts, strict=True)
                    ]
                )
            small, large = (
                statistics.median(each[side].a_processor_second for each in told)
                for side in range(2)
            )
            ratio = statistics.median(
                each[1].a_processor_second / each[0].a_processor_second for each in told
            )
            # Content has the size of the page: where the pages differ only the answer without it is held to the aim.
            is_held = way == "304" or options.same_page
            missed |= is_held and ratio < 1 - WITHIN
            said = (
                f"aim: at least {1 - WITHIN:g}{', MISSED' if ratio < 1 - WITHIN else ''}"
                if is_held
                else ""
            )
            print(f"  {kind:10} {way:8}{small:10.0f}{large:10.0f}{ratio:8.2f}   {said}", flush=True)
    return missed


def remember(site: str, publications: int) -> bool:
    """Ask for everything once, print the memory of each worker and return whether it is too much."""
    workers = workers_of(site)
    print(f"  memory of each worker: {_memory(workers)} MiB after the above", flush=True)
    for number in range(1, publications + 1):
        with urlopen(f"{site}/{SLUG}/{number}/") as answer:
            answer.read()
    print(f"  {_memory(workers)} MiB after the page of every publication", flush=True)
    for path in (
        "changes/",
        "changes/?page=2",
        "feed.atom",
        "feed.json",
        "models/",
        "as-of/2020-01-01/",
        f"compare/1/{publications}/",
    ):
        for _ in range(6):  # until both workers have had their turn
            with urlopen(f"{site}/{SLUG}/{path}") as answer:
                answer.read()
    most = max(map(resident, workers))
    is_missed = most > MOST_MEMORY
    print(
        f"  {_memory(workers)} MiB after changes, feeds, lives   aim: below {MOST_MEMORY}{', MISSED' if is_missed else ''}"
    )
    return is_missed


def _memory(workers: list[int]) -> str:
    return " and ".join(f"{resident(each):.0f}" for each in workers)


def main() -> None:
    """Compare the sizes, and measure the memory; exit 1 when an aim is missed."""
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
                f"{what + ', answers a processor second':34}{sizes[0]:>7}{sizes[1]:>10}   ratio",
                flush=True,
            )
            with ExitStack() as servers:
                sites, paths = [], []
                for size in sizes:
                    many = size if options.same_page else 3
                    snapshot = (
                        seed if options.same_page else markdown.parse(page(size * MODELS_A_LISTING))
                    )
                    store = fill(base / f"{what}-{size}", snapshot, many)
                    served = {**environment, "PUBLISHED_ROOT": str(store)}
                    site = gunicorn(
                        "registry.wsgi", served, threads=options.threads, path=f"/{SLUG}/"
                    )
                    sites.append(servers.enter_context(site))
                    paths.append(addresses(many))
                missed |= compare(sites, paths, base, options)
                if options.same_page:
                    missed |= remember(sites[1], sizes[1])
            for size in sizes:
                shutil.rmtree(base / f"{what}-{size}")
    if missed:
        sys.exit("An aim is missed.")


if __name__ == "__main__":
    main()

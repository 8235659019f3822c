"""Measures whether reading hostile texts takes linear time, for every reader of text.

    python -m bench.hostile_text [--reader PART] [--shape PART] [--worst 20]

Each reader gets each shape at a size that takes it at least 10 ms, and at twice that size. The
ratio is that of the best of several runs; it fails beyond 2.5. Twice the time is linear, four times
is quadratic. A reader that refuses a text has read it: refusing has to be linear too. Sizes grow
until a run is long enough to measure or the text is larger than what a form takes.

Besides the functions that read texts, whole requests are measured, to a small register: each
parameter of the API by its OpenAPI document, the questions of the public pages, the searches of the
admin, the sign-in; and the arguments of commands. A request takes longer than 10 ms whatever it
asks, so these get a text that is large at once.
"""

import argparse
import gc
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from bench.staging import SLUG, cast, collect_static, publish, staged

if TYPE_CHECKING:
    from django.test import Client

MOST = 2.5
LONG_ENOUGH = 0.01  # seconds
FIRST, LARGE, LARGEST = 1_000, 128_000, 512_000  # characters
RUNS, ROUNDS = 3, 3
Reader = Callable[[str], object]
# What the public pages of a register are asked.
_QUESTIONS = {
    "changes/": ("effect", "from", "to", "model", "provider"),
    "filter/": ("training", "longest", "model", "provider", "sort"),
    "fit/": ("training", "longest"),
}
_numbers = count(1)


def repeated(part: str, size: int) -> str:
    return (part * (size // len(part) + 1))[:size]


def nested_lists(size: int) -> str:
    """Return lines of a list, each deeper than the one before, until the size is reached."""
    lines: list[str] = []
    left = size
    while left > 0:
        line = f"{'  ' * len(lines)}- a"[:left]
        lines.append(line)
        left -= len(line) + 1
    return "\n".join(lines)


SHAPES: dict[str, Callable[[int], str]] = {
    "blanks": lambda size: f"a{' ' * (size - 2)}b",
    "images": partial(repeated, "!["),
    "brackets": partial(repeated, "["),
    "stars": lambda size: repeated("*a **b ", size),
    "pipes": partial(repeated, "|"),
    "entities": partial(repeated, "&nbsp;&amp;"),
    "marks": lambda size: "a" + repeated("\u0301\u0323", size - 1),
    "lists": nested_lists,
    "long line": partial(repeated, "30 days, a.b@c-d (GPT 5) and "),
    "quotes": partial(repeated, "> "),
}


class Measured(NamedTuple):
    """The seconds of a reader for a text of some size, and for one of twice the size."""

    reader: str
    shape: str
    size: int
    seconds: float
    doubled: float

    @property
    def ratio(self) -> float:
        return self.doubled / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.reader:25} {self.shape:10} {self.size:>7} characters {self.seconds:7.3f} s, "
            f"twice as many {self.doubled:7.3f} s: ratio {self.ratio:.2f}"
        )

    @property
    def is_linear(self) -> bool:
        return self.seconds < LONG_ENOUGH or self.ratio <= MOST


def readers() -> dict[str, Reader]:
    """Return all readers of text by name: of the page, the formats, forms and questions."""
    return {
        **_readers_of_a_text(),
        **_readers_of_pages(),
        **_readers_of_forms(),
        **_readers_of_requests(),
        **_readers_of_arguments(),
    }


def _readers_of_a_text() -> dict[str, Reader]:
    from compliance.page import (
        documents,
        ends,
        inline,
        joiners,
        lookalikes,
        names,
        retention,
        slugs,
        text,
        training,
        urls,
        wording,
    )  # fmt: skip
    from compliance.page.formats import labels, markdown
    from compliance.rendering import manual, marked_change, marked_lines, marked_words
    from compliance.rendering import markdown as html

    known = names.Names(("GPT 5", "Claude Opus 4.5"))
    return {
        "text.fault": text.fault,
        "text.fault of lines": partial(text.fault, multiline=True),
        "text.normalised": text.normalised,
        "text.normalised_lines": text.normalised_lines,
        "text.normalisations": text.normalisations,
        "text.plain_line": text.plain_line,
        "joiners.without": joiners.without,
        "inline.plain": inline.plain,
        "inline.runs": inline.runs,
        "inline.fault": inline.fault,
        "inline.normal": inline.normal,
        "inline.escape": inline.escape,
        "names.fold": names.fold,
        "names.spelling_key": names.spelling_key,
        "names.names_joined": lambda name: names.names_joined(name, {"a"}),
        "names.similar_pairs": lambda name: list(names.similar_pairs([name, f"{name}b"])),
        "names.base_of": names.base_of,
        "names.found_in": known.found_in,
        "names.find_families": names.find_families,
        "lookalikes.skeleton": lookalikes.skeleton,
        "lookalikes.spelling": lookalikes.spelling,
        "lookalikes.intruders": lookalikes.intruders,
        "documents.document_kind": lambda label: documents.document_kind(label, None),
        "labels.label_meaning": labels.label_meaning,
        "wording": wording.read_wording,
        "training": training.training_use,
        "retention": retention.read_clauses,
        "slugs": slugs.slug,
        "urls.url_fault": lambda url: urls.url_fault(f"https://{url}"),
        "urls.link_fault": urls.link_fault,
        "ends": ends.named_end,
        "markdown.prose_fault": markdown.prose_fault,
        "markdown.canonical_prose": markdown.canonical_prose,
        "markdown.footnote_fault": markdown.footnote_fault,
        "markdown.canonical_note": markdown.canonical_note,
        "markdown.links_fault": markdown.links_fault,
        "html.prose": lambda prose: html.prose_html(prose, html.Headings(str)),
        "html.note": html.note_html,
        "html.manual": manual.manual_html,
        "marked words": lambda words: marked_words.marked_words(words, f"{words}b"),
        "marked lines": lambda words: marked_lines.marked_lines(words, f"{words}b"),
        "marked change": lambda words: marked_change.marked_lines_of(words, f"{words}b"),
    }


def _readers_of_pages() -> dict[str, Reader]:
    from compliance.page.formats import csv, markdown, recognition
    from compliance.page.formats import json as json_format

    table = "| Model | Provider | Notes |\n| --- | --- | --- |\n| GPT 5 | OpenAI | {} |\n"
    page = snapshot_as_json()

    def in_json(place: str, words: str) -> object:
        written = json.dumps(words)[1:-1]
        return json_format.parse(page.replace(f"HOSTILE {place}", written).encode())

    return {
        "recognised": lambda words: recognition.recognised(words.encode()),
        "page": lambda words: markdown.read(words, title="Page"),
        "page: title": lambda words: markdown.read(f"# {words}\n\ntext"),
        "page: text": lambda words: markdown.read(f"# Page\n\n{words}\n"),
        "page: comment": lambda words: markdown.read(f"# Page\n\nText <!-- {words}\n"),
        "page: front matter": lambda words: markdown.read(f"---\ntitle: {words}\n---\ntext"),
        "page: cell": lambda words: markdown.read(f"# Page\n\n{table.format(one_line(words))}"),
        "page: label": lambda words: markdown.read(
            f"# Page\n\n{table.replace('Notes', '{}', 1).format(one_line(words), 'a')}"
        ),
        "page: footnote": lambda words: markdown.read(
            f"# Page\n\n{table.format('Text ¹')}\n¹ {words}\n"
        ),
        "csv": lambda words: csv.read(words, title="Page"),
        "csv: cell": lambda words: csv.read(f'Model,Notes\nGPT 5,"{words}"\n', title="Page"),
        "json": lambda words: json_format.parse(words.encode()),
        **{
            f"json: {place}": partial(in_json, place)
            for place in ("text", "name", "prose", "footnote")
        },
    }


def one_line(words: str) -> str:
    return words.replace("\n", " ")


def snapshot_as_json() -> str:
    """Return the JSON of a page with a text for each reader to replace."""
    from compliance.page.formats import json as json_format
    from compliance.page.formats import markdown

    page = (
        "# Page\n\nHOSTILE prose\n\n| Model | Provider | Notes |\n| --- | --- | --- |\n"
        "| HOSTILE name | OpenAI | HOSTILE text ¹ |\n\n¹ HOSTILE footnote\n"
    )
    return json_format.render(markdown.parse(page)).decode()


def _readers_of_forms() -> dict[str, Reader]:
    from django.http import QueryDict

    from compliance.admin.components import days, fields, lines, lookups, pasted
    from compliance.admin.imports import ImportForm
    from compliance.models import Footnote, Section
    from compliance.models.listings import cell_text
    from compliance.page.formats import markdown
    from compliance.public.forms import FilterForm

    page = markdown.parse("# Page\n\nText\n")

    def filtered(words: str) -> object:
        query = QueryDict(mutable=True)
        query["model"] = query["provider"] = query["longest"] = words
        return FilterForm(query, page).is_valid()

    def introduced(words: str) -> None:
        section = Section(prose=words)
        section.clean_fields(exclude=["register"])
        section.clean()

    return {
        "form: a line": fields.LineField(required=False).clean,
        "form: several lines": fields.MultilineField(required=False).clean,
        "form: reason": fields.ReasonField(required=False).clean,
        "form: entries": lines.LinesField(with_texts=True).clean,
        "form: numbers": lines.NumbersField().clean,
        "form: pasted lines": pasted.read_pasted,
        "form: day": days.read_day,
        "form: moment": days.read_moment,
        "form: cell": cell_text,
        "form: introduction": introduced,
        "form: footnote": lambda words: Footnote(text=words, position=1).clean(),
        "form: import": lambda words: ImportForm({"page": words, "title": "Page"}, {}).is_valid(),
        "search: admin": lookups.shortened_search_term,
        "search: filter": filtered,
    }


def _readers_of_requests() -> dict[str, Reader]:
    from django.test import Client

    from bench.asked_queries import signed_in
    from compliance.admin import site

    collect_static()
    publish()
    register, editor, _ = cast()
    reader, staff = Client(), signed_in(editor)

    def asks(client: "Client", address: str, name: str) -> Reader:
        return lambda words: client.get(address, {name: words})

    def signs_in(words: str) -> object:
        return reader.post("/accounts/login/", {"login": words, "password": words})

    found = {
        f"request: {path} {name}": asks(reader, path.replace("{slug}", register.slug), name)
        for path, name in _parameters_of_the_api()
    }
    for page, names in _QUESTIONS.items():
        for name in names:
            found[f"request: {page} {name}"] = asks(reader, f"/{register.slug}/{page}", name)
    lists = [f"/admin/compliance/{model._meta.model_name}/" for model in site._registry]
    addresses = ["/admin/search/", *lists]
    searched = [one for one in addresses if staff.get(one).status_code == HTTPStatus.OK]
    assert len(searched) > 1, "No list of the admin can be searched."
    found |= {f"request: {address} q": asks(staff, address, "q") for address in searched}
    return {**found, "request: sign-in": signs_in}


def _parameters_of_the_api() -> Iterator[tuple[str, str]]:
    """Give each address of the API with each parameter that it takes behind the question mark."""
    from drf_spectacular.generators import SchemaGenerator

    for path, operations in (
        SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
    ):
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                yield path.replace("{number}", "1"), parameter["name"]


def _readers_of_arguments() -> dict[str, Reader]:
    from django.core.management import call_command

    def command(*arguments: str) -> Reader:
        return lambda words: call_command(*(one.replace("HOSTILE", words) for one in arguments))

    accounts = ["add_account", "HOSTILE", "a@example.com", "--role=editor", "--reason=Bench"]
    mails = ["add_account", "anna", "HOSTILE", "--role=editor", "--reason=Bench"]
    return {
        "command: name of an account": command(*accounts),
        "command: mail of an account": command(*mails),
        "command: register": command("check_register", "HOSTILE"),
        "command: day": command("export_page", f"--register={SLUG}", "--as-of=HOSTILE", "--to=csv"),
        "command: source": command("convert_page", "HOSTILE"),
        "command: user": command("reset_second_factor", "HOSTILE", "--by=editor", "--reason=a"),
    }


def measured(reader: str, read: Reader, shape: str) -> Measured:
    """Return the times of a reader for the first size that takes it long enough."""
    # A request or command takes long whatever its text says.
    has_overhead = reader.startswith(("request", "command"))
    make, size = SHAPES[shape], LARGE if has_overhead else FIRST
    gc.collect()
    while size < LARGEST and seconds(read, make(size)) < LONG_ENOUGH:
        size *= 2
    for _ in range(ROUNDS):
        once = min(seconds(read, make(size)) for _ in range(RUNS))
        doubled = min(seconds(read, make(2 * size)) for _ in range(RUNS))
        found = Measured(reader, shape, size, once, doubled)
        # What else the machine does makes a run slower, never faster: look again before failing.
        if found.is_linear:
            break
    return found


def seconds(read: Reader, words: str) -> float:
    """Return the processor's time for a text that a reader has not read before."""
    from django.core.exceptions import ValidationError
    from django.core.management import CommandError

    # Many readers remember what they read.
    text = f"{words}{next(_numbers)}"
    began = time.process_time()
    with suppress(ValueError, OSError, ValidationError, CommandError):  # refused
        read(text)
    return time.process_time() - began


def all_measured(reader: str, shape: str) -> Iterator[Measured]:
    for name, read in readers().items():
        if reader in name:
            for each in SHAPES:
                if shape in each:
                    yield measured(name, read, each)


def main() -> None:
    """Print the largest ratios; exit with 1 where one is larger than linear time has."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile_text", description=__doc__)
    parser.add_argument("--reader", default="", help="only readers with this in their name")
    parser.add_argument("--shape", default="", help="only shapes with this in their name")
    parser.add_argument("--worst", type=int, default=20, help="how many ratios to print")
    options = parser.parse_args()
    os.environ |= {
        "SECRET_KEY": "bench" * 10,
        "DEMO": "True",
        "ALLOWED_HOSTS": "testserver",
        "API_REQUESTS_A_MINUTE": "1000000",
    }
    logging.disable()  # each refused request would be logged
    found = []
    with staged():
        gc.disable()
        for each in all_measured(options.reader, options.shape):
            found.append(each)
            if not each.is_linear:
                print(each, flush=True)
    if not found:
        parser.error("No reader and shape have these names. Without options, all are measured.")
    long = [each for each in found if each.seconds >= LONG_ENOUGH]
    slow = [each for each in found if not each.is_linear]
    print(f"The {options.worst} largest ratios:")
    for each in sorted(long, key=lambda each: -each.ratio)[: options.worst]:
        print(each)
    print(f"{len(found)} pairs of a reader and a shape, {len(long)} long enough to measure")
    sys.exit(f"{len(slow)} take more than {MOST} times for twice the text." if slow else None)


if __name__ == "__main__":
    main()

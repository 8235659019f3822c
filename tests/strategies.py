"""Generated snapshots, and generated hand-written pages with what they print."""

from dataclasses import dataclass, fields, replace
from typing import Any

from hypothesis import strategies as st

from compliance.page import text
from compliance.page.formats import markdown
from compliance.page.formats.markdown.syntax import superscript
from compliance.page.snapshot import (
    Columns,
    Declared,
    Document,
    Footnote,
    Model,
    Provider,
    Register,
    Retention,
    Snapshot,
    Training,
)
from compliance.page.table import Clause, Listing, Term
from compliance.page.vocabulary import (
    Basis,
    Bound,
    ClauseKind,
    DataClass,
    DocumentKind,
    TrainingUse,
    Trigger,
)

NASTY = [
    "|",
    "\\",
    "\\|",
    "[",
    "]",
    "(",
    ")",
    "](",
    "&",
    "&amp;",
    "&copy=",
    "&copy;",
    "&#35;",
    "<",
    ">",
    "<br>",
    "<b>",
    "<!--",
    "-->",
    "*",
    "**",
    "_",
    "__",
    "~",
    "~~",
    "`",
    "``",
    "#",
    "!",
    "://",
    "https://x.eu",
    "www.",
    "•",
    "• ",
    "- ",
    "· ",
    "◦ ",
    "● ",
    "▪ ",
    "‣ ",
    "+ ",
    "– ",
    "¹",
    "²",
    "⁰",
    "[^1]",
    "<sup>1</sup>",
    " / ",
    ", ",
    ":",
    "^",
    "=",
    "'",
    '"',
    "@",
    "$",
    "{",
    "}",
    "\u00a0",
    "é",
    "ü",
    "模型",
    "Модель",
    "نموذج",
    "हिन्दी",
    "🦙",
    "a",
    "b",
    "GPT 5",
    "o3",
    "9",
    " ",
]


def _is_sound(value: str) -> bool:
    return text.fault(value) is None


def _tidy(value: str) -> str:
    return value.strip()


nasty_texts = (
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=6)
    .map("".join)
    .map(_tidy)
    .filter(_is_sound)
)
free_texts = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
    .map(_tidy)
    .filter(_is_sound)
)
texts = st.one_of(nasty_texts, free_texts)
names = texts.filter(bool)
urls = st.one_of(
    st.sampled_from(
        [
            "https://x.eu/",
            "./a.md",
            "https://x.eu/a_(b)_c",
            "https://x.eu/?a=1&copy=2",
            "https://x.eu/?a&amp;b",
            "https://x.eu/a|b",
        ]
    ),
    st.text(st.sampled_from("ab/()|\\<>&;#%*_`[]!:. é"), min_size=1, max_size=10)
    .map(_tidy)
    .filter(bool),
)
paragraph_texts = st.one_of(
    st.sampled_from(
        [
            "A note.",
            "See [the terms](https://x.eu/t), *please*.",
            "One line\nand another.",
            "Costs & limits: `a|b`",
        ]
    ),
    names,
)
note_texts = paragraph_texts.filter(lambda note: markdown.footnote_fault(note) is None)
intros = st.one_of(
    st.just(""),
    st.lists(paragraph_texts, max_size=3)
    .map("\n\n".join)
    .filter(lambda intro: markdown.intro_fault(intro) is None),
)
_endings = st.one_of(
    st.tuples(
        st.just(ClauseKind.DURATION),
        st.sampled_from(["P30D", "PT24H", "PT30M", "P1W", "P6M", "P2Y"]),
    ),
    st.tuples(
        st.sampled_from([kind for kind in ClauseKind if kind is not ClauseKind.DURATION]), st.none()
    ),
)
clauses = st.builds(
    lambda data_class, ending, bound, trigger: Clause(data_class, *ending, bound, trigger),
    st.sampled_from(DataClass),
    _endings,
    st.sampled_from(Bound),
    st.sampled_from(Trigger),
)
terms = st.builds(Term, texts, st.lists(clauses, max_size=3).map(tuple))
declared = st.none() | st.builds(
    Declared, st.none() | st.sampled_from(TrainingUse), st.none() | terms
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A snapshot that every format can hold: lists of none to forty, up to thirty footnotes."""
    numbers = sorted(draw(st.sets(st.integers(1, 120), max_size=draw(st.sampled_from([0, 3, 30])))))
    marks = (
        st.just(())
        if not numbers
        else st.sets(st.sampled_from(numbers), max_size=3).map(sorted).map(tuple)
    )
    models = st.builds(Model, names, names, marks)
    providers = st.builds(Provider, names, names, marks, declared)
    documents = st.builds(
        Document, st.none() | names, st.sampled_from(DocumentKind), names, st.none() | urls, marks
    )
    listings = st.builds(
        Listing,
        names,
        _list(models),
        _list(providers),
        st.builds(Training, st.sampled_from(TrainingUse), texts, st.sampled_from(Basis), marks),
        st.builds(
            Retention,
            texts,
            st.sampled_from(Basis),
            marks,
            st.lists(clauses, max_size=2).map(tuple),
        ),
        _list(documents),
    )
    register = draw(
        st.builds(
            Register,
            names,
            names,
            intros,
            st.just(""),
            st.just("en"),
            st.builds(Columns, *[texts] * 5),
        )
    )
    notes = tuple(Footnote(f"note-{number}", number, draw(note_texts)) for number in numbers)
    return Snapshot(register, tuple(draw(st.lists(listings, max_size=3))), notes)


def _list(items: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.lists(items, max_size=3).map(tuple),
        items.map(lambda item: (item,) * 40),
    )


@st.composite
def altered(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """The snapshot with one value of one listing replaced, or one of its lists changed."""
    theirs = draw(snapshots().filter(lambda other: bool(other.listings)))
    place, other = draw(st.integers(0, len(snapshot.listings) - 1)), theirs.listings[0]
    listing = snapshot.listings[place]
    field = draw(st.sampled_from(["models", "providers", "training", "retention", "documents"]))
    old, new = getattr(listing, field), getattr(other, field)
    if isinstance(old, tuple) and old and new:
        item, attribute = (
            draw(st.sampled_from(old)),
            draw(st.sampled_from([field.name for field in fields(new[0])])),
        )
        value = tuple(
            replace(entry, **{attribute: getattr(new[0], attribute)}) if entry == item else entry
            for entry in old
        )
        value = draw(st.sampled_from([value, tuple(reversed(old)), old[1:], (*old, old[0])]))
    else:
        value = new
    listings = (
        *snapshot.listings[:place],
        replace(listing, **{field: value}),
        *snapshot.listings[place + 1 :],
    )
    return replace(snapshot, listings=listings)


@dataclass(frozen=True)
class HandWritten:
    """A page as somebody wrote it, and what a reader sees on it."""

    source: bytes
    printed: dict[str, Any]


WORDS = [
    "GPT 5",
    "o3 pro",
    "Claude 4.5 (reasoning)",
    "Q&A",
    "AT&amp;T",
    "C\\#",
    "模型 2",
    "Модель",
    "a_b_c",
    "x\\|y",
    "Qwen 3",
    "2 < 3",
    "Ünï",
    "&sup2;H",
]
SHOWN = {"AT&amp;T": "AT&T", "C\\#": "C#", "x\\|y": "x|y", "&sup2;H": "²H"}
_BULLETS = ["- ", "* ", "– ", "· ", "◦ ", "● ", "▪ ", "‣ ", "+ "]
_EMPHASES = ["{}", "**{}**", "*{}*", "<b>{}</b>", "<em>{}</em>", "<span class=x>{}</span>"]


def _mark_styles(number: int) -> list[str]:
    return [
        superscript([number]),
        f"<sup>{number}</sup>",
        f"[^{number}]",
        f" {superscript([number])}",
    ]


@st.composite
def hand_written_pages(draw: st.DrawFn) -> HandWritten:
    """A page in a mixture of dialects, and what it prints, without using the reader for that."""
    numbers = draw(
        st.lists(st.integers(1, 40), unique=True, max_size=draw(st.sampled_from([0, 4, 30])))
    )
    rows, printed_rows = [], []
    for _ in range(draw(st.integers(0, 4))):
        models = draw(
            st.lists(_entry(numbers), min_size=1, max_size=draw(st.sampled_from([3, 40])))
        )
        providers = draw(st.lists(_entry(numbers), min_size=1, max_size=4))
        training = draw(_plain(["No", "Yes", "Opt-in"], numbers))
        retention = draw(
            _plain(
                ["30 days", "30 days (flagged prompts: 2 years)", "Not stored", "so long"], numbers
            )
        )
        documents = draw(st.lists(_document(numbers), min_size=1, max_size=4))
        cells = [
            draw(_listed([source for source, _, _ in models])),
            draw(_listed([source for source, _, _ in providers], slashes=True)),
            training[0],
            retention[0],
            draw(_listed([source for source, *_ in documents])),
        ]
        rows.append(draw(_row(cells)))
        printed_rows.append(
            {
                "models": [entry[1:] for entry in models],
                "providers": [entry[1:] for entry in providers],
                "training": training[1:],
                "retention": retention[1:],
                "documents": [entry[1:] for entry in documents],
            }
        )
    notes = {
        number: draw(st.sampled_from(["A note.", "Two\nlines.", "See [it](https://x.eu/n)."]))
        for number in numbers
    }
    title = draw(st.sampled_from(["# {}", "# {} #", "{}\n===", "  #   {}  ##"])).format(
        "LLMs & Privacy"
    )
    intro = draw(
        st.sampled_from(["", "One.", "One [a](./b.md).\n\n* two\n* three", "Line\n  indented"])
    )
    labels = ["Model", "Provider", "Trains", "Kept", "Policy / FAQ"]
    header = draw(_row(labels))
    delimiter = draw(
        st.sampled_from(
            [
                "|:--|:--|:--|:--|:--|",
                "--|--|--|--|--",
                "| :---- | -- | :-: | --: | ---",
                "|-|-|-|-|-|",
            ]
        )
    )
    footnotes = draw(_footnotes(notes))
    comment = draw(st.sampled_from(["", "<!-- checked\n\nby us -->\n"]))
    parts = [title, intro, comment, "\n".join([header, delimiter, *rows]), footnotes]
    page = "\n\n".join(part for part in parts if part) + draw(st.sampled_from(["", "\n", "\n\n\n"]))
    page = page.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))
    return HandWritten(
        (draw(st.sampled_from(["", "\ufeff"])) + page).encode(),
        {
            "title": "LLMs & Privacy",
            "intro": intro.replace("\n  ", "\n"),
            "columns": dict(
                zip(
                    ["models", "providers", "training", "retention", "documents"],
                    labels,
                    strict=True,
                )
            ),
            "listings": printed_rows,
            "footnotes": sorted(notes.items()),
        },
    )


@st.composite
def _marks(draw: st.DrawFn, numbers: list[int]) -> tuple[str, tuple[int, ...]]:
    chosen = draw(st.lists(st.sampled_from(numbers), unique=True, max_size=2)) if numbers else []
    styles = [draw(st.sampled_from(_mark_styles(number))) for number in chosen]
    return draw(st.sampled_from([" ", ", ", ","])).join(styles), tuple(sorted(chosen))


@st.composite
def _entry(draw: st.DrawFn, numbers: list[int]) -> tuple[str, str, tuple[int, ...]]:
    word, (marks, chosen) = draw(st.sampled_from(WORDS)), draw(_marks(numbers))
    # CommonMark does not close `**` between a bracket and a superscript, so only plain words are emphasised.
    emphases = _EMPHASES if word.replace(" ", "").isalnum() else ["{}"]
    return draw(st.sampled_from(emphases)).format(word) + marks, SHOWN.get(word, word), chosen


@st.composite
def _plain(
    draw: st.DrawFn, wordings: list[str], numbers: list[int]
) -> tuple[str, str, tuple[int, ...]]:
    wording, (marks, chosen) = draw(st.sampled_from(wordings)), draw(_marks(numbers))
    written = wording.replace(" ", "<br>", 1) if draw(st.booleans()) else wording
    return written + marks, wording, chosen


@st.composite
def _document(draw: st.DrawFn, numbers: list[int]) -> tuple[str, str, str | None, tuple[int, ...]]:
    word, (marks, chosen) = draw(st.sampled_from(WORDS)), draw(_marks(numbers))
    label = SHOWN.get(word, word)
    url = draw(
        st.sampled_from(["https://x.eu/a_b", "https://x.eu/?q=1&lang=en", "https://x.eu/(a)"])
    )
    way = draw(st.sampled_from(["link", "inside", "anchor", "angle", "bare", "none"]))
    if way == "none":
        return word + marks, label, None, chosen
    if way in ("angle", "bare"):
        url = url.removesuffix("/(a)")
        return (f"<{url}>{marks}" if way == "angle" else f"{url} {marks}"), url, url, chosen
    source = {
        "link": f"[{word}]({url}){marks}",
        "inside": f"[{word}{marks}]({url})",
        "anchor": f'<a class="x" href="{url.replace("&", "&amp;")}">{word}</a>{marks}',
    }[way]
    return source, label, url, chosen


@st.composite
def _listed(draw: st.DrawFn, items: list[str], *, slashes: bool = False) -> str:
    ways = ["dots", "ul", "ol", "br", "bullets", "spaced"] + (["slashes"] if slashes else [])
    match draw(st.sampled_from(ways)):
        case "dots":
            return "<br>".join(f"• {item}" for item in items)
        case "ul" | "ol" as tag:
            return f"<{tag}>{''.join(f'<li>{item} </li>' for item in items)}</{tag}>"
        case "bullets":
            return "<br/>".join(draw(st.sampled_from(_BULLETS)) + item for item in items)
        case "slashes":
            return " / ".join(items)
        case "spaced":
            return " • ".join(["", *items])
        case _:
            return " <br> ".join(items)


@st.composite
def _row(draw: st.DrawFn, cells: list[str]) -> str:
    padding = draw(st.sampled_from([" ", "  ", "\t"]))
    inner = f"{padding}|{padding}".join(cells)
    return draw(st.sampled_from(["| {} |", "| {}", "{} |", "{}", "|{}|"])).format(inner)


@st.composite
def _footnotes(draw: st.DrawFn, notes: dict[int, str]) -> str:
    starts = ["{0} ", "<sup>{1}</sup> ", "[^{1}]: "]
    lines = [
        draw(st.sampled_from(starts)).format(superscript([number]), number) + note
        for number, note in notes.items()
    ]
    return draw(st.sampled_from(["\n\n", "\n"])).join(lines)

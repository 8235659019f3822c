"""Generated snapshots, and generated hand-written pages with what they print."""

import datetime
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from hypothesis import strategies as st

from compliance.page import inline, slugs, text
from compliance.page.catalogue import catalogue
from compliance.page.formats import markdown
from compliance.page.formats.markdown.syntax import superscript
from compliance.page.snapshot import Declared, Footnote, Model, Provider, Register, Snapshot
from compliance.page.table import (
    Cell,
    ClaimItem,
    Clause,
    Column,
    DocumentItem,
    Listing,
    ModelItem,
    ProviderItem,
    Section,
    Term,
    TextItem,
    column_key,
    empty_cell,
)
from compliance.page.vocabulary import (
    ASKS_BY_ROLE,
    Basis,
    Bound,
    ClauseKind,
    ColumnRole,
    DataClass,
    DocumentKind,
    TrainingUse,
    Trigger,
    Unit,
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
    return text.normalised(value).strip()


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


def built(kind: type[Any], /, **values: st.SearchStrategy) -> st.SearchStrategy:
    """A dataclass of generated fields; each must be given, so that a new one is not forgotten."""
    names = {field.name for field in fields(kind)}
    assert set(values) == names, f"{kind.__name__}: {set(values) ^ names}"
    return st.builds(kind, **values)


def optional(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | values


def _tuples(items: st.SearchStrategy, most: int, **options: Any) -> st.SearchStrategy:
    return st.lists(items, max_size=most, **options).map(tuple)


def _is_one_form(markdown_text: str) -> bool:
    """Whether inline Markdown is written as a page writes it, and may be shown."""
    words = inline.plain(markdown_text)
    return (
        bool(words)
        and text.fault(words) is None
        and inline.fault(markdown_text) is None
        and inline.normal(markdown_text) == markdown_text
    )


_links = st.builds(inline.Run, names, urls)
inline_texts = st.one_of(
    names.map(inline.escape),
    st.lists(st.one_of(st.builds(inline.Run, texts | st.just(" ")), _links), max_size=3)
    .map(inline.written)
    .filter(_is_one_form),
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
note_texts = paragraph_texts.map(markdown.canonical_note).filter(
    lambda note: markdown.footnote_fault(note) is None
)
_blocks = st.one_of(
    paragraph_texts,
    st.sampled_from(
        [
            "## By product",
            "###### Small *print*",
            "- one\n- two\n  - within it",
            "1. first\n2. second\n\n   more of it",
            "> Quoted\n> twice",
            "---",
            "¹ no note",
            "[^2]: neither",
            "Underlined\n---",
            "| a | b |\n| - | - |\n| c | d |",
            "[a]: no definition",
            "H²O, m<sup>2</sup> and [^3]",
            "    * - + 1. not code",
            "Broken  \nhere, and\\\nthere",
            "At https://x.eu/a_b_(c), http://x.eu, www.x.eu or a.b@x.eu; ~5, ~6~",
            "- [ ] open\n- [x] done, see https://x.eu/_a_",
            "> [!NOTE]\n> Quoted",
            "> Underlined\n> ---",
            "3. third\n4. fourth\n   + nested",
            "* one star",
            "\\* and † and § 5",
        ]
    ),
)
raw_proses = (
    st.lists(_blocks, max_size=4)
    .map("\n\n".join)
    .filter(lambda prose: markdown.prose_fault(prose) is None)
)
proses = raw_proses.map(markdown.canonical_prose)
_endings = st.one_of(
    st.tuples(
        st.just(ClauseKind.DURATION),
        st.sampled_from(["P30D", "PT24H", "PT30M", "P1W", "P6M", "P2Y"]),
    ),
    st.tuples(
        st.sampled_from([kind for kind in ClauseKind if kind is not ClauseKind.DURATION]), st.none()
    ),
)
clauses = _endings.flatmap(
    lambda ending: built(
        Clause,
        data_class=st.sampled_from(DataClass),
        kind=st.just(ending[0]),
        duration=st.just(ending[1]),
        bound=st.sampled_from(Bound),
        trigger=st.sampled_from(Trigger),
    )
)
terms = built(Term, text=names.map(inline.escape), clauses=_tuples(clauses, 3))
declared = built(
    Declared, training=optional(st.sampled_from(TrainingUse)), retention=optional(terms)
)
_days = st.dates(datetime.date(2020, 1, 1), datetime.date(2040, 1, 1))
_countries = st.sampled_from(["DE", "IE", "US"])

# Labels whose role a reader guesses; others are text to it.
LABELS = {
    ColumnRole.MODELS: ["Model", "Models"],
    ColumnRole.PROVIDERS: ["Provider", "Hosted by"],
    ColumnRole.TRAINING: ["Trains on prompts", "No training"],
    ColumnRole.RETENTION: ["Data retention", "Retention (days)", "Keeps prompts"],
    ColumnRole.DOCUMENTS: ["Privacy Policy / FAQ"],
    ColumnRole.PLACES: ["Location", "Region"],
    ColumnRole.TEXT: ["Purpose", "Seat", ""],
}
_ONCE = (ColumnRole.MODELS, ColumnRole.PROVIDERS, ColumnRole.DOCUMENTS)


@st.composite
def columns(draw: st.DrawFn) -> tuple[Column, ...]:
    """The columns of a table, of any roles in any order; none where a section has no table."""
    roles = draw(
        st.lists(st.sampled_from(ColumnRole), max_size=6).filter(
            lambda roles: all(roles.count(role) < 2 for role in _ONCE)
        )
    )
    made: list[Column] = []
    for role in roles:
        label = draw(st.sampled_from(LABELS[role]) | texts)
        key = column_key(role, label, {column.key for column in made})
        made.append(draw(_column(key, label, role)))
    return tuple(made)


def _column(key: str, label: str, role: ColumnRole) -> st.SearchStrategy:
    is_retention = role is ColumnRole.RETENTION
    return built(
        Column,
        key=st.just(key),
        label=st.just(label),
        role=st.just(role),
        asks=optional(st.sampled_from(ASKS_BY_ROLE[role])) if role.is_claim else st.none(),
        covers=st.sampled_from(DataClass) if is_retention else st.none(),
        unit=optional(st.sampled_from(Unit)) if is_retention else st.none(),
    )


@dataclass(frozen=True)
class _Parts:
    """What the cells of one snapshot may name."""

    models: dict[str, Model]
    providers: dict[str, Provider]
    marks: st.SearchStrategy

    def items(self, role: ColumnRole) -> st.SearchStrategy:
        """An item of a cell of a role."""
        match role:
            case ColumnRole.MODELS:
                model = st.sampled_from(sorted(self.models))
                return built(ModelItem, model=model, text=inline_texts, footnotes=self.marks)
            case ColumnRole.PROVIDERS:
                provider = st.sampled_from(sorted(self.providers))
                return built(
                    ProviderItem, provider=provider, text=inline_texts, footnotes=self.marks
                )
            case ColumnRole.DOCUMENTS:
                return built(
                    DocumentItem,
                    document=names,
                    provider=optional(st.sampled_from(sorted(self.providers))),
                    kind=st.sampled_from(DocumentKind),
                    text=names.map(inline.escape),
                    url=optional(urls),
                    valid_from=optional(_days),
                    valid_until=optional(_days),
                    footnotes=self.marks,
                )
            case ColumnRole.TRAINING | ColumnRole.RETENTION:
                return built(ClaimItem, text=inline_texts, footnotes=self.marks)
        country = optional(_countries) if role is ColumnRole.PLACES else st.none()
        return built(TextItem, text=inline_texts, country=country, footnotes=self.marks)

    def cells(self, role: ColumnRole) -> st.SearchStrategy:
        """A cell of a role, perhaps empty."""
        is_training, is_retention = role is ColumnRole.TRAINING, role is ColumnRole.RETENTION
        has_basis = role.is_claim or role is ColumnRole.DOCUMENTS
        items = self.items(role)
        drawn = built(
            Cell,
            items=_tuples(items, 1) if role.is_claim else _list(items),
            basis=st.sampled_from(Basis) if has_basis else st.none(),
            use=st.sampled_from(TrainingUse) if is_training else st.none(),
            clauses=_tuples(clauses, 2) if is_retention else st.none(),
        )
        return drawn.map(partial(_meaningful, role)) if role.is_claim else drawn


def _meaningful(role: ColumnRole, cell: Cell) -> Cell:
    """Return a claim that says something only if it has an item."""
    return cell if cell.items else empty_cell(role)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A snapshot that every format can hold: sections of any shape, lists and rows up to forty."""
    numbers = sorted(draw(st.sets(st.integers(1, 120), max_size=draw(st.sampled_from([0, 3, 30])))))
    marks = (
        st.just(())
        if not numbers
        else st.sets(st.sampled_from(numbers), max_size=3).map(sorted).map(tuple)
    )
    parts = _Parts(
        {model.id: model for model in draw(_some(_models))},
        {provider.id: provider for provider in draw(_some(_providers))},
        marks,
    )
    sections: list[Section] = []
    for number in range(draw(st.integers(0, 3))):
        sections.append(draw(_sections(f"section-{number}", parts)))
    # A title alone is no page.
    if not numbers and not any(section.prose or section.columns for section in sections):
        sections.append(Section("section-text", "A text."))
    models, providers = catalogue(sections, parts.models, parts.providers)
    return draw(
        built(
            Snapshot,
            register=_registers,
            sections=st.just(tuple(sections)),
            models=st.just(models),
            providers=st.just(providers),
            footnotes=st.tuples(*map(_footnote, numbers)),
        )
    )


_registers = built(
    Register,
    slug=names.map(lambda name: slugs.free_slug(name, slugs.RESERVED_SLUGS)),
    title=names,
    link_base=st.sampled_from(["", "https://x.eu/docs/"]),
    language=st.sampled_from(["en", "de"]),
)
_models = built(
    Model,
    id=names,
    name=names,
    developer=texts,
    aliases=_tuples(names, 2),
    retention_floor=optional(terms),
    # No id of another model, so that none continues itself.
    continues=_tuples(names.map("former-{}".format), 1),
)
_providers = built(
    Provider,
    id=names,
    name=names,
    legal_entity=texts,
    website=st.sampled_from(["", "https://x.eu/"]),
    processing_countries=_tuples(_countries, 2, unique=True),
    storage_countries=_tuples(_countries, 2, unique=True),
    aliases=_tuples(names, 2),
    declared=optional(declared),
)


def _id(part: Model | Provider) -> str:
    return part.id


def _name(part: Model | Provider) -> str:
    return part.name


def _some(parts: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(parts, min_size=1, max_size=3, unique_by=(_id, _name))


def _footnote(number: int) -> st.SearchStrategy:
    return built(
        Footnote,
        id=st.just(f"note-{number}"),
        number=st.just(number),
        text=note_texts,
        valid_until=optional(_days),
    )


@st.composite
def _sections(draw: st.DrawFn, id: str, parts: _Parts) -> Section:
    """A section with or without prose and a table; seldom its rows are forty."""
    drawn = draw(columns())
    rows = draw(st.lists(_rows(drawn, parts), max_size=3)) if drawn else []
    if rows and draw(st.integers(0, 9)) == 0:
        rows = rows[:1] * 40
    listings = [
        draw(built(Listing, id=st.just(f"{id}-{number}"), cells=st.just(cells)))
        for number, cells in enumerate(rows)
    ]
    return draw(
        built(
            Section,
            id=st.just(id),
            prose=proses,
            columns=st.just(drawn),
            listings=st.just(tuple(listings)),
        )
    )


def _rows(drawn: tuple[Column, ...], parts: _Parts) -> st.SearchStrategy:
    return st.fixed_dictionaries({column.key: parts.cells(column.role) for column in drawn})


def _list(items: st.SearchStrategy) -> st.SearchStrategy:
    """None to three items, seldom forty."""
    few = st.lists(items, max_size=3).map(tuple)
    return st.one_of(few, few, few, few, items.map(lambda item: (item,) * 40))


@st.composite
def altered(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """The snapshot with one cell of one listing replaced, or its items in another order."""
    place = draw(st.sampled_from([n for n, part in enumerate(snapshot.sections) if part.listings]))
    section = snapshot.sections[place]
    number = draw(st.integers(0, len(section.listings) - 1))
    column = draw(st.sampled_from(section.columns))
    listing = section.listings[number]
    cell = listing.cells[column.key]
    items = draw(st.sampled_from([cell.items[::-1], cell.items[1:]]))
    cells = {**listing.cells, column.key: draw(_other_cells(snapshot, column, cell, items))}
    listings = list(section.listings)
    listings[number] = replace(listing, cells=cells)
    sections = list(snapshot.sections)
    sections[place] = replace(section, listings=tuple(listings))
    models, providers = catalogue(
        sections,
        {model.id: model for model in snapshot.models},
        {provider.id: provider for provider in snapshot.providers},
    )
    return replace(snapshot, sections=tuple(sections), models=models, providers=providers)


def _other_cells(
    snapshot: Snapshot, column: Column, cell: Cell, items: tuple[Any, ...]
) -> st.SearchStrategy:
    parts = _Parts(
        {model.id: model for model in snapshot.models},
        {provider.id: provider for provider in snapshot.providers},
        st.just(()),
    )
    shown = replace(cell, items=items)
    rearranged = st.just(_meaningful(column.role, shown) if column.role.is_claim else shown)
    named = {ColumnRole.MODELS: parts.models, ColumnRole.PROVIDERS: parts.providers}
    if not named.get(column.role, parts.providers):
        return rearranged
    return rearranged | parts.cells(column.role)


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
            _plain(["30 days", "30 days (flagged prompts: 2 years)", "Not stored"], numbers)
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
            [
                [entry[1:] for entry in models],
                [entry[1:] for entry in providers],
                [training[1:]],
                [retention[1:]],
                [entry[1:] for entry in documents],
            ]
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
    labels = ["Model", "Provider", "Trains on data", "Data retention", "Policy / FAQ"]
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
            "sections": [
                {
                    "prose": intro.replace("\n  ", "\n"),
                    "columns": labels,
                    "listings": printed_rows,
                }
            ],
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
    shown = inline.escape(SHOWN.get(word, word))
    return draw(st.sampled_from(emphases)).format(word) + marks, shown, chosen


@st.composite
def _plain(
    draw: st.DrawFn, wordings: list[str], numbers: list[int]
) -> tuple[str, str, tuple[int, ...]]:
    wording, (marks, chosen) = draw(st.sampled_from(wordings)), draw(_marks(numbers))
    written = wording.replace(" ", "<br>", 1) if draw(st.booleans()) else wording
    return written + marks, wording, chosen


@st.composite
def _document(draw: st.DrawFn, numbers: list[int]) -> tuple[str, str, tuple[int, ...]]:
    word, (marks, chosen) = draw(st.sampled_from(WORDS)), draw(_marks(numbers))
    label = SHOWN.get(word, word)
    url = draw(
        st.sampled_from(["https://x.eu/a_b", "https://x.eu/?q=1&lang=en", "https://x.eu/(a)"])
    )
    way = draw(st.sampled_from(["link", "inside", "anchor", "angle", "bare", "none"]))
    if way == "none":
        return word + marks, inline.escape(label), chosen
    if way in ("angle", "bare"):
        url = url.removesuffix("/(a)")
        shown = inline.written([inline.Run(url, url)])
        return (f"<{url}>{marks}" if way == "angle" else f"{url} {marks}"), shown, chosen
    source = {
        "link": f"[{word}]({url}){marks}",
        "inside": f"[{word}{marks}]({url})",
        "anchor": f'<a class="x" href="{url.replace("&", "&amp;")}">{word}</a>{marks}',
    }[way]
    return source, inline.written([inline.Run(label, url)]), chosen


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


_TOPS = [
    "",
    "---\ntitle: A page\ntags: [a]\n---\n",
    "+++\ntitle = 'A page'\n+++\n",
    "---\n\n",
    "Above *it*, see https://x.eu/a.\n\n",
    "## Before\n\n",
    "---\na: b\n...\n",
]
_TITLES = ["# A page\n", "A page\n======\n", "  # A *page* #\n", "## A page\n", "# A page†\n"]
_FRAGMENTS = [
    "A text, see https://x.eu/a_b or a@x.eu.",
    "Two  \nlines\\\nand `code  \nof two`",
    "<sup>1</sup> One <sup>2</sup>",
    "¹ One, ends 2030-01-31.",
    "[^2]: Two,\nand <https://x.eu>.",
    "² Two.\n¹: One.",
    "* Star.",
    "[^a]: Named,\nand more.\n[^B]: Another",
    "See [^a] and [^b].",
    "\\* Star,\n  and more  \nof it.\n† Dagger",
    "*Star* with www.x.eu.",
    "** Two stars. ~a~ ~b~",
    "***Star:** bold.",
    "† Dagger.\n‡ Double, m².",
    "§ 5 and § 6",
    "* a\n* b*",
    "- [ ] a\n+ b\n    1. c",
    "> [!NOTE]\n> ¹ a\n>\n> * b",
    "---",
    "***",
    "Under\nlined  \n---",
    "#### Part* #",
    "a | b\n---",
    "&nbsp; &dagger; &ast;",
    "{{ a }} ::: [a]: b",
    "A‡ and B*, *c* d* e_f_ g",
]
_CELLS = [
    "A", "A*", "A\\*", "A†", "*A*", "**A***", "A* †", "A ‡, *", "A** (b)*", "* A<br>* B*", "A¹",
    "• A*<br>• B", "[A](https://x.eu)*", "[A*](https://x.eu) †, [B](v)", "https://x.eu/a*", "",
    "A&ast;", "`A*`", "A / B†", "a@x.eu*", "No*", "30 days †", "A\\|*", "~A*~", "A[^2] *", "No", "B",
    "A[^a]", "A[^b], *", "A[^a] B", "[A](https://x.eu)[^A]",
]  # fmt: skip
_LABELS = ["Model", "Provider", "Data retention", "Policy", "Notes", "Plan*", "Trains on prompts"]


@st.composite
def _untidy_tables(draw: st.DrawFn) -> str:
    labels = draw(st.lists(st.sampled_from(_LABELS), min_size=1, max_size=4, unique=True))
    rows = draw(
        st.lists(
            st.lists(st.sampled_from(_CELLS), min_size=len(labels), max_size=len(labels)),
            max_size=3,
        )
    )
    lines = [labels, ["--"] * len(labels), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


untidy_pages = st.builds(
    lambda top, title, blocks, separator: top + title + "\n" + separator.join(blocks) + "\n",
    st.sampled_from(_TOPS),
    st.sampled_from(_TITLES),
    st.lists(st.sampled_from(_FRAGMENTS) | _untidy_tables(), max_size=7),
    st.sampled_from(["\n\n", "\n\n", "\n\n", "\n\n\n", "\n"]),
)

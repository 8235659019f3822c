"""What the wording of a training cell means, and the wording that is printed for a training use."""

from collections.abc import Iterable

from compliance.page.vocabulary import Asks, TrainingUse

_Wordings = dict[TrainingUse, tuple[str, ...]]
# Wordings that mean the same whatever the label of their column asks.
_STATEMENTS: _Wordings = {
    TrainingUse.NEVER: (
        "Not used for training",
        "Not used",
        "Not used to train",
        "Does not train",
        "No training",
    ),
    TrainingUse.OPT_IN: ("Used for training only if you opt in",),
    TrainingUse.CONDITIONAL: (
        "In some cases",
        "Sometimes",
        "Conditional",
        "Depends",
        "Depends on the plan",
        "Partly",
    ),
    TrainingUse.OPT_OUT: ("Used for training unless you opt out",),
    TrainingUse.BY_DEFAULT: ("Used for training",),
    TrainingUse.NOT_STATED: (
        "Not specified",
        "Not stated",
        "Unspecified",
        "Not disclosed",
        "Undisclosed",
        "Not documented",
        "",
    ),
    TrainingUse.UNKNOWN: ("Unknown",),
}
# Wordings that say when data is used, below a label that asks for it or that asks nothing. Below
# "Does not train", "only if you opt in" may mean the opposite.
_CONDITIONS: _Wordings = {
    TrainingUse.OPT_IN: (
        "Only if you opt in",
        "Opt-in",
        "Opt-in only",
        "Unless you opt in",
        "With consent",
        "Only with consent",
        "If you opt in",
    ),
    TrainingUse.OPT_OUT: ("Unless you opt out", "Opt-out", "Opt-out available"),
}
# Wordings that only answer the label.
_TRAINS: _Wordings = {
    TrainingUse.NEVER: ("No", "Never", "None"),
    TrainingUse.OPT_IN: ("No, unless you opt in", "No (unless you opt in)", "No (opt-in)"),
    TrainingUse.OPT_OUT: (
        "Yes, unless you opt out",
        "Yes (unless you opt out)",
        "Yes (opt-out)",
        "Yes, opt-out",
    ),
    TrainingUse.BY_DEFAULT: ("Yes", "By default", "Always", "Yes, by default", "Yes (by default)"),
}
_DOES_NOT_TRAIN: _Wordings = {TrainingUse.NEVER: ("Yes",), TrainingUse.BY_DEFAULT: ("No",)}
# Of the wordings of a use, the first one is printed.
_WORDINGS_BELOW: dict[Asks | None, tuple[_Wordings, ...]] = {
    Asks.TRAINS: (_CONDITIONS, _TRAINS, _STATEMENTS),
    Asks.DOES_NOT_TRAIN: (_DOES_NOT_TRAIN, _STATEMENTS),
    None: (_CONDITIONS, _STATEMENTS),
}


def _folded(wording: str) -> str:
    return " ".join(wording.casefold().replace("-", " ").split()).rstrip(".")


def _use_of_wording(tables: Iterable[_Wordings]) -> dict[str, TrainingUse]:
    found = {}
    for table in tables:
        for use, wordings in table.items():
            found.update(dict.fromkeys(map(_folded, wordings), use))
    return found


_USE_OF_WORDING = {asks: _use_of_wording(tables) for asks, tables in _WORDINGS_BELOW.items()}


def training_use(text: str, *, asks: Asks | None = Asks.TRAINS) -> TrainingUse:
    """Return what the plain words of a training cell say below a label that asks something.

    It is unknown unless the whole wording is a known one, and not stated where there are no words.
    """
    return _USE_OF_WORDING[asks].get(_folded(text), TrainingUse.UNKNOWN)


def training_text(use: TrainingUse, *, asks: Asks | None = Asks.TRAINS) -> str:
    """Return the printed wording of a training use, which `training_use` reads back."""
    return next(table[use][0] for table in _WORDINGS_BELOW[asks] if use in table)

"""What the wording of a training cell means, and the wording that is printed for a training use."""

from compliance.page.vocabulary import TrainingUse

# The first wording of each use is printed where a cell states none.
_WORDINGS = {
    TrainingUse.NEVER: (
        "No",
        "Never",
        "None",
        "Not used",
        "Not used for training",
        "Not used to train",
        "Does not train",
        "No training",
    ),
    TrainingUse.OPT_IN: (
        "Only if you opt in",
        "Opt-in",
        "Opt-in only",
        "No, unless you opt in",
        "No (unless you opt in)",
        "No (opt-in)",
        "Unless you opt in",
        "With consent",
        "Only with consent",
        "If you opt in",
    ),
    TrainingUse.CONDITIONAL: (
        "In some cases",
        "Sometimes",
        "Conditional",
        "Depends",
        "Depends on the plan",
        "Partly",
    ),
    TrainingUse.OPT_OUT: (
        "Unless you opt out",
        "Opt-out",
        "Yes, unless you opt out",
        "Yes (unless you opt out)",
        "Yes (opt-out)",
        "Yes, opt-out",
        "Opt-out available",
    ),
    TrainingUse.BY_DEFAULT: ("Yes", "By default", "Always", "Yes, by default", "Yes (by default)"),
    TrainingUse.NOT_STATED: (
        "Not specified",
        "Not stated",
        "Unspecified",
        "Not disclosed",
        "Undisclosed",
        "Not documented",
    ),
    TrainingUse.UNKNOWN: ("Unknown",),
}
_USE_OF_WORDING = {
    wording.casefold().replace("-", " "): use
    for use, wordings in _WORDINGS.items()
    for wording in wordings
}


def training_use(text: str) -> TrainingUse:
    """Return what a training cell says; unknown unless the whole wording is a known one."""
    wording = " ".join(text.casefold().replace("-", " ").split()).rstrip(".")
    return _USE_OF_WORDING.get(wording, TrainingUse.UNKNOWN)


def training_text(use: TrainingUse) -> str:
    """Return the printed wording of a training use, which `training_use` reads back."""
    return _WORDINGS[use][0]

"""The closed sets of words in which a page is described."""

import re
from enum import StrEnum

# One number and one unit of ISO 8601: minutes, hours, days, weeks, months or years.
# Never zero: that is a clause of the kind `none`. [0-9], because \d matches digits of any script.
DURATION = re.compile(r"P(?:[1-9][0-9]{0,5}[DWMY]|T[1-9][0-9]{0,5}[HM])\Z")


class TrainingUse(StrEnum):
    """Whether a provider trains on users' prompts, from best to worst for the user."""

    NEVER = "never"
    OPT_IN = "opt_in"
    CONDITIONAL = "conditional"
    OPT_OUT = "opt_out"
    BY_DEFAULT = "by_default"
    NOT_STATED = "not_stated"
    UNKNOWN = "unknown"

    @property
    def severity(self) -> int:
        """Return the place in the order above: a larger number is worse for the user."""
        return _TRAINING_USES.index(self)


_TRAINING_USES = tuple(TrainingUse)


class DataClass(StrEnum):
    """What kind of data a retention clause is about."""

    ALL_CONTENT = "all_content"
    PROMPT = "prompt"
    OUTPUT = "output"
    FILE = "file"
    CACHE = "cache"
    APPLICATION_STATE = "application_state"
    ABUSE_LOG = "abuse_log"
    FLAGGED_CONTENT = "flagged_content"
    FEEDBACK = "feedback"
    METADATA = "metadata"


class ClauseKind(StrEnum):
    """How a retention clause ends, from best to worst for the user.

    `kept` is data that is kept, and nobody says how long.
    """

    NONE = "none"
    DURATION = "duration"
    UNTIL_EVENT = "until_event"
    INDEFINITE = "indefinite"
    KEPT = "kept"
    NOT_STATED = "not_stated"
    UNKNOWN = "unknown"


class Bound(StrEnum):
    """How a clause's duration is meant."""

    EXACT = "exact"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOUT = "about"


class Trigger(StrEnum):
    """When a retention clause applies."""

    ALWAYS = "always"
    FLAGGED = "flagged"
    OPT_IN = "opt_in"


class DocumentKind(StrEnum):
    """What kind of policy document a provider publishes; `other` where its label does not say."""

    PRIVACY_POLICY = "privacy_policy"
    FAQ = "faq"
    TERMS = "terms"
    DPA = "dpa"
    AGREEMENT = "agreement"
    OTHER = "other"


class Basis(StrEnum):
    """Whether a cell was written for its listing, or follows from its providers and models."""

    STATED = "stated"
    DERIVED = "derived"


class ColumnRole(StrEnum):
    """What a column of a table means; a table has at most one of each of the first three."""

    MODELS = "models"
    PROVIDERS = "providers"
    DOCUMENTS = "documents"
    TRAINING = "training"
    RETENTION = "retention"
    PLACES = "places"
    TEXT = "text"

    @property
    def is_claim(self) -> bool:
        """Whether cells of the column promise something about prompts."""
        return self in (ColumnRole.TRAINING, ColumnRole.RETENTION)

    @property
    def is_text(self) -> bool:
        """Whether cells of the column hold texts that name no record and promise nothing."""
        return self in (ColumnRole.PLACES, ColumnRole.TEXT)


ONCE_IN_A_TABLE = (ColumnRole.MODELS, ColumnRole.PROVIDERS, ColumnRole.DOCUMENTS)


class Asks(StrEnum):
    """What the label of a claim column asks, which gives a bare Yes, No or None its meaning.

    The first two are for training, the others for retention.
    """

    TRAINS = "trains"
    DOES_NOT_TRAIN = "does_not_train"
    HOW_LONG = "how_long"
    IS_KEPT = "is_kept"
    IS_NOT_KEPT = "is_not_kept"


ASKS_BY_ROLE = {
    ColumnRole.TRAINING: (Asks.TRAINS, Asks.DOES_NOT_TRAIN),
    ColumnRole.RETENTION: (Asks.HOW_LONG, Asks.IS_KEPT, Asks.IS_NOT_KEPT),
}


class Unit(StrEnum):
    """The unit in which a retention column gives bare numbers."""

    DAYS = "days"

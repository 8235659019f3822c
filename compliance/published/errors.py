"""Why the published store cannot be used; each message says what is wrong and what to do."""


class StoreFault(Exception):
    """The published store cannot be read or written."""


class WrongSetting(StoreFault):
    """PUBLISHED_ROOT or SIGNING_KEY_FILE names what is not there, cannot be read, or is another's.

    It tells nothing about what was published.
    """


class MissingFile(StoreFault):
    """A file that an index names does not exist."""


class AlteredFile(StoreFault):
    """The bytes of a file do not have the hash that was published."""


class MissingStore(WrongSetting):
    """There is no store where PUBLISHED_ROOT says."""


class ForeignStore(WrongSetting):
    """The store was written by another installation."""


class ContradictingStore(StoreFault):
    """The store published something that the database does not have."""

    def __init__(self, sentence: str) -> None:
        super().__init__(
            f"{sentence} Was an older backup of the database restored? Restore the newest one. If"
            " the database is right, run restore_store --adopt: it replaces what was published."
        )

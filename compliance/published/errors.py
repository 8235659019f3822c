"""Why the published store cannot be used; each message says what is wrong and what to do."""


class StoreFault(Exception):
    """The published store cannot be read or written."""


class MissingFile(StoreFault):
    """A file that an index names does not exist."""


class AlteredFile(StoreFault):
    """The bytes of a file do not have the hash that was published."""


class ForeignStore(StoreFault):
    """The store was written by another installation."""

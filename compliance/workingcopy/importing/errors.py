"""The error of an import."""


class NotImportable(ValueError):
    """A file that cannot be imported; the message says what is wrong, where, and what to do."""

"""What stands in the way of an import."""


class NotImportable(ValueError):
    """A page that the working copy cannot hold; a sentence says what, where and what to do."""

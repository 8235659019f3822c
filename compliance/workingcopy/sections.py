"""The sections of a register as a reader would find them on its page."""

from compliance.models import Register


def join_prose(register: Register) -> None:
    """Join sections without a table to the next one: a reader of the page cannot tell them apart.

    The next one begins with their prose, and they are deleted. Writes into the open changeset.
    """
    waiting = None
    for section in register.sections.prefetch_related("columns"):
        if waiting is not None:
            proses = [prose for prose in (waiting.prose, section.prose) if prose]
            section.set(prose="\n\n".join(proses))
            waiting.delete()
        waiting = None if section.columns.all() else section

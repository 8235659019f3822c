"""What one request to a change form has found out, for the methods that Django calls later."""

from dataclasses import dataclass

from compliance.models.changesets import OpenChangeset


@dataclass
class FormAttempt:
    """The state of one request to a change form.

    Django calls the methods of a ModelAdmin one after another and hands on nothing but the request.
    So the view copies the ModelAdmin for each request (as class-based views have one instance for
    each) and gives the copy a FormAttempt; the singleton's own stays as it is here.

    `last_changeset` is the last changeset that touched the record or its parts before the record
    was read, 0 for none. `refusal` says why nothing was saved, although every field may be valid.
    `changeset` is the one in which the form is being saved.
    """

    last_changeset: int = 0
    refusal: str = ""
    changeset: OpenChangeset | None = None

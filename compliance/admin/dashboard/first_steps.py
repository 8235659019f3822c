"""The steps that lead from an empty registry to the first published page."""

from dataclasses import dataclass

from django.urls import reverse

from compliance.admin.components.links import screen_address
from compliance.models import Listing, Publication, Register, User


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step towards the first published page, without an address if the person may not do it."""

    sentence: str
    address: str
    is_done: bool


def first_steps(
    by: User, register: Register | None, submission: Publication | None
) -> list[FirstStep]:
    """Return the steps towards the first published page, as the person `by` may do them.

    `register` is the first one and `submission` one in review, None where there is none.
    """
    return [
        _first_step(
            by,
            "Add a register: the public list, with its title, prose and tables.",
            is_done=bool(register),
            permission="add_register",
            address=reverse("admin:compliance_register_add"),
        ),
        _first_step(
            by,
            "Add its rows, such as one for the models that go to the same providers on the "
            "same terms.",
            is_done=Listing.objects.exists(),
            permission="add_listing",
            address=reverse("admin:compliance_listing_add") if register else "",
        ),
        _first_step(
            by,
            "Publish: say why, answer what the rules find, and submit the page for approval.",
            is_done=bool(submission),
            permission="submit_publication",
            address=screen_address("publication_submit", register),
        ),
        _first_step(
            by,
            "Another person, who edited none of it, approves exactly that page. "
            "It is public at once.",
            is_done=False,
            permission="approve_publication",
            address=screen_address("publication_change", submission),
        ),
    ]


def _first_step(
    by: User, sentence: str, *, is_done: bool, permission: str, address: str
) -> FirstStep:
    may_open = by.has_perm(f"compliance.{permission}") and not is_done
    return FirstStep(sentence, address if may_open else "", is_done)

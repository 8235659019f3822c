"""What becomes of scheduled publications when another one comes before them, or goes.

The differences of each are carried over: put on top of the page that now stands before it. Where
both changed the same part, and not in the same way, there is a conflict, and it is called off.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from compliance.models import ledger
from compliance.page import diff, selection
from compliance.page.graded import graded_contents
from compliance.page.parts import Page, part_names

if TYPE_CHECKING:
    from compliance.models.publications import Publication


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """A scheduled publication, and the page that its differences make on top of another one.

    `onto` is that other one. `page` is None if it is called off. `conflicts` are then the names of
    the parts that both changed. `is_fulfilled` if the other page says all that it would change
    already. Else somebody chose to call it off, or no page is left that it could change.
    `held_back` are the keys of the parts that stay as they are on the page below. `grades` are
    those of changes that are on that page what was graded; `ungraded` are sentences of the others.
    """

    scheduled: "Publication"
    page: Page | None = None
    onto: Page | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    held_back: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    is_fulfilled: bool = False
    grades: Mapping[str, str] = field(default_factory=dict)
    ungraded: tuple[str, ...] = ()

    @property
    def effective_from(self) -> datetime:
        """The moment for which it was approved, and which it keeps."""
        moment = self.scheduled.effective_from
        assert moment  # noqa: S101  # it was approved
        return moment

    def to_dict(self) -> dict[str, Any]:
        """Return what is approved of it, as a part of what `approval_sha256` is the hash of."""
        assert self.page  # noqa: S101  # it is carried over
        return _carried_value(
            self.scheduled,
            content_sha256=self.page.snapshot.content_sha256(),
            frame=self.page.frame,
            effective_from=self.effective_from,
            announce=self.scheduled.announce,
            grades=self.grades,
            answers=self.answers,
        )


def carried_by_approval(
    publication: "Publication", *, calling_off: Collection[int] = ()
) -> tuple[CarriedOver, ...]:
    """Return what becomes of the scheduled publications if one in review was approved.

    These are all that take effect after the page that it was compared with, by their moments.
    `calling_off` holds the numbers of those that are not to be carried over.
    """
    later = publication.register.publications.standing_after(publication.base)
    return _carry_over(later, publication, calling_off)


def carried_by_withdrawal(
    publication: "Publication", *, at: datetime, calling_off: Collection[int] = ()
) -> tuple[CarriedOver, ...]:
    """Return what becomes of the scheduled publications if an approved one was withdrawn.

    Those that stand on it are carried over the page that comes back. Where none does, they are
    called off.
    """
    publications, effective_from = publication.register.publications, publication.effective_from
    if effective_from is None:
        return ()
    later = publications.standing_after(publication)
    # An earlier page, which another one replaced: nothing that is scheduled stands on it.
    if later.taken_effect(at).exists():
        return ()
    return _carry_over(later, publications.followed_at(effective_from), calling_off)


def carried_values(carried: Iterable[CarriedOver]) -> list[dict[str, Any]]:
    """Return what is approved of those that are carried over, and not called off."""
    return [outcome.to_dict() for outcome in carried if outcome.page]


def recorded_values(publications: Iterable["Publication"]) -> list[dict[str, Any]]:
    """Return the same of publications that were made by carrying others over."""
    return [
        _carried_value(
            publication.renews,
            content_sha256=publication.content_sha256,
            frame=publication.frame,
            effective_from=publication.requested_effective_from,
            announce=publication.announce,
            grades=publication.grades,
            answers=publication.answers,
        )
        for publication in publications
    ]


def _carry_over(
    scheduled: Iterable["Publication"],
    onto: "Publication | None",
    calling_off: Collection[int],
) -> tuple[CarriedOver, ...]:
    """Return what becomes of publications if another one comes before them, None for no page."""
    scheduled = list(scheduled)
    # Pages are large, and mostly nothing is scheduled.
    if onto is None or not scheduled:
        return tuple(map(CarriedOver, scheduled))
    return tuple(carry_onto(scheduled, onto.page(), onto.answers, calling_off))


def carry_onto(
    scheduled: Iterable["Publication"],
    page: Page,
    answers: Mapping[str, Any],
    calling_off: Collection[int] = (),
) -> Iterator[CarriedOver]:
    """Carry publications over a page that has these answers, each on top of the one before."""
    for publication in scheduled:
        if publication.number in calling_off:
            yield CarriedOver(publication)
            continue
        carried = put_on_top(publication, page, answers)
        if carried.page:
            page, answers = carried.page, carried.answers
        yield carried


def put_on_top(publication: "Publication", page: Page, answers: Mapping[str, Any]) -> CarriedOver:
    """Return the differences of a publication on top of another page, which has these answers."""
    origin = publication.base.page() if publication.base else None
    own = publication.page()
    carried = selection.carry(origin, own, page)
    if carried.conflicts:
        names = part_names(origin, page, own, keys=carried.conflicts)
        conflicts = tuple(names[key] for key in carried.conflicts)
        return CarriedOver(publication, conflicts=conflicts)
    if carried.page == page:
        return CarriedOver(publication, is_fulfilled=True)
    grades, ungraded = _grades(publication, page, carried.page)
    return CarriedOver(
        publication,
        carried.page,
        page,
        _answers(publication, answers),
        carried.held_back,
        grades=grades,
        ungraded=ungraded,
    )


def _answers(publication: "Publication", below: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers of a publication on top of a page with other answers.

    What it has from the page before counts only where the page below has no answer: that may not
    need it, while the publication brings back what it is about.
    """
    earlier = publication.base.answers if publication.base else {}
    own = {key: answer for key, answer in publication.answers.items() if earlier.get(key) != answer}
    return {**publication.answers, **below, **own}


def _grades(
    publication: "Publication", before: Page, after: Page
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the grades of what changes between two pages as it was graded, by key.

    With them come the sentences of what needs a grade and has none there.
    """
    to_grade = graded_contents(before.snapshot, after.snapshot)
    if not to_grade:
        return {}, ()
    origin = publication.base.snapshot() if publication.base else None
    graded = graded_contents(origin, publication.snapshot())
    grades = {
        key: grade
        for key, grade in publication.grades.items()
        if key in to_grade and to_grade[key] == graded.get(key)
    }
    changes = diff.compare(before.snapshot, after.snapshot)
    open_changes = [change for change in changes if change.needs_grade and change.key not in grades]
    return grades, tuple(change.sentence for change in open_changes)


def _carried_value(
    scheduled: "Publication | None",
    *,
    frame: Mapping[str, str],
    effective_from: datetime | None,
    **facts: Any,
) -> dict[str, Any]:
    return {
        "uuid": str(scheduled.uuid) if scheduled else None,
        "frame": dict(frame),
        "effective_from": ledger.moment_text(effective_from) if effective_from else None,
        **facts,
    }

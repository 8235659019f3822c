"""compliance.admin.components.summaries: changes counted and ordered by what they mean."""

from compliance.admin.components.summaries import count_changes, sort_weaker_first
from compliance.page.diff import Change, ChangeKind, Effect
from tests.pages import page, row

ORDER = [Effect.WEAKER, Effect.MIXED, Effect.UNJUDGED, Effect.STRONGER, Effect.NEUTRAL]


def changes_with(*effects):
    return [Change(ChangeKind.TEXT, effect, f"Sentence {n}.") for n, effect in enumerate(effects)]


def test_changes_are_ordered_by_effect_and_then_as_on_the_page():
    changes = changes_with(*ORDER[::-1], *ORDER[::-1])

    ordered = sort_weaker_first(changes)

    assert [change.effect for change in ordered] == [effect for effect in ORDER for _ in range(2)]
    assert [change.sentence for change in ordered][:2] == ["Sentence 4.", "Sentence 9."]


def test_changes_of_every_effect_are_counted():
    changes = changes_with(*ORDER, Effect.MIXED, Effect.UNJUDGED, Effect.UNJUDGED)
    before, after = page(row("GPT 6", "Acme")), page(row("GPT 6", "Bolt"))

    counts = count_changes(changes, before, after)

    assert [getattr(counts, effect) for effect in ORDER] == [1, 2, 3, 1, 1]
    assert (counts.arrived, counts.left) == (("Bolt",), ("Acme",))

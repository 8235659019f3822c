"""The sign and the name of an effect, which editors see as readers do."""

import html5lib
import pytest
from django.template.loader import render_to_string

from compliance.admin.components.summaries import ChangeCounts
from compliance.page.diff import Effect

SIGNS = {
    Effect.WEAKER: "▼",
    Effect.MIXED: "◆",
    Effect.UNJUDGED: "○",
    Effect.STRONGER: "▲",
    Effect.NEUTRAL: "●",
}


def shown(template, **context):
    """Return the text of a template without its punctuation."""
    tree = html5lib.parseFragment(render_to_string(template, context), namespaceHTMLElements=False)
    return " ".join("".join(tree.itertext()).replace(":", " ").split())


@pytest.mark.parametrize(("effect", "sign"), SIGNS.items())
def test_has_one_sign_and_name_in_public_and_in_the_admin(effect, sign):
    expected = f"{sign} {effect.capitalize()}"

    assert shown("public/effect.html", effect=effect) == expected
    assert shown("admin/components/effect.html", effect=effect) == expected


def test_is_counted_under_its_sign_and_name():
    counts = ChangeCounts(**dict.fromkeys(Effect, 2), arrived=(), left=())

    assert shown("admin/components/change_counts.html", counts=counts) == " ".join(
        f"{sign} 2 {effect}" for effect, sign in SIGNS.items()
    )

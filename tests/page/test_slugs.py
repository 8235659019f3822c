import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page import slugs


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("GLM-4.5", "glm-4-5"),
        ("Модель 2", "модель-2"),
        ("¹!", "unnamed"),
        ("Claude 4.5 (x)", "claude-4-5-x"),
    ],
)
def test_a_slug_is_made_of_letters_and_digits_and_numbered_while_taken(name: str, slug: str):
    assert slugs.slug(name) == slug
    assert slugs.free_slug(name, {slug, f"{slug}-2"}) == f"{slug}-3"


names = st.sampled_from(["A", "a!", "A 2", "A-3", "¹", "B"])


@given(st.sets(names.map(slugs.slug)), st.lists(names))
def test_free_slugs_are_those_that_are_free_one_after_the_other(taken, wanted):
    free, expected = slugs.FreeSlugs(taken), set(taken)

    for name in wanted:
        slug = free.take(name)

        assert slug == slugs.free_slug(name, expected)
        assert slug in free
        expected.add(slug)

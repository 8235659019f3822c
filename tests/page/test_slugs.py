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


@given(st.text(max_size=120), st.sampled_from(["", "a", "ж", "語", "\U0001d7d8"]))
def test_a_slug_is_its_own_slug_and_can_be_the_name_of_a_file(name, letter):
    slug = slugs.slug(f"{name}{letter * 250}")

    assert slugs.slug(slug) == slug
    assert len(slug.encode()) <= slugs.LONGEST_SLUG
    assert not letter or len(slug.encode()) > slugs.LONGEST_SLUG - 4


def test_a_number_behind_a_long_slug_takes_the_place_of_its_end():
    taken = {"語" * 66}

    numbered = slugs.free_slug("語" * 200, taken)

    assert numbered == f"{'語' * 66}-2"
    assert slugs.free_slug("a" * 300, {"a" * 200}) == f"{'a' * 198}-2"
    assert slugs.FreeSlugs({"a" * 200}).take("a" * 300) == f"{'a' * 198}-2"
    assert slugs.whole_slug("a" * 300) == "a" * 300


@pytest.mark.parametrize(
    ("slug", "fault"),
    [
        ("", "is empty"),
        ("record", "record is the name of another address or file of the site."),
        ("checkpoint", "another address or file"),
        ("api", "another address or file"),
        ("Record", "Record is not a slug. Use record."),
        ("../etc", "Use etc."),
        ("a b", "Use a-b."),
        ("語" * 67, f"more than 200 bytes, too many for the name of a file. Choose a shorter one, such as {'語' * 40}."),
        ("\ud800", "is not a slug"),
        ("llms-privacy", None), ("語" * 66, None), ("records", None), ("models", None), ("changes", None),
    ],
)  # fmt: skip
def test_a_slug_that_no_register_can_have_is_named_with_what_to_do(slug, fault):
    told = slugs.register_slug_fault(slug)

    assert told is None if fault is None else fault in told

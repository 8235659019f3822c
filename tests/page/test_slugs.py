import pytest

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

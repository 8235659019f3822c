"""compliance.page.names: similar names, names in a text, and variants of a model."""

import pytest

from compliance.page.names import (
    Names,
    base_of,
    find_families,
    similar_pairs,
    spelling_fault,
    spelling_key,
)

KNOWN = Names(["o3", "o3 pro", "GPT 5", "GPT 5 chat", "GPT 4.1", "GPT 4.1 mini", "Command", "Acme"])


@pytest.mark.parametrize(("name", "other"), [
    ("Acme", "acme"),
    ("Acme AI", "Acme  AI"),
    ("Acme.ai", "Acme AI"),
    ("AcmeAI", "Acme AI"),
    ("GLM-4.5", "GLM 4.5"),
    ("GPT５", "GPT 5"),
    ("Gemini 2.5 Pro Preview", "Gemini 2.5 Pro (Preview)"),
    ("Qwen3 32B", "Qwen 3 32b"),
])  # fmt: skip
def test_names_that_differ_in_case_blanks_or_the_form_of_digits_have_one_key(name, other):
    assert spelling_key(name) == spelling_key(other)


@pytest.mark.parametrize(("name", "other"), [
    ("GPT 4.1 mini", "GPT 4.1"),
    ("GPT 4.1", "GPT 41"),
    ("Qwen 3 32B", "Qwen QwQ 32b"),
    ("Qwen 3 32B", "Qwen 332B"),
    ("Command R", "Command R+"),
    ("GPT 4", "GPT 4o"),
])  # fmt: skip
def test_names_of_different_models_have_different_keys(name, other):
    assert spelling_key(name) != spelling_key(other)


@pytest.mark.parametrize(("name", "known"), [
    ("Open AI", "OpenAI"),
    ("open-ai", "OpenAI"),
    ("gpt-oss 20b", "GPT OSS 20B"),
    ("GPT 4 .1", "GPT 4.1"),
    ("GLM 4-5", "GLM 4 5"),
    ("Acme\u2013Cloud", "Acme Cloud"),
])  # fmt: skip
def test_a_name_that_differs_only_in_how_it_is_typed_is_a_slip(name, known):
    assert f"Write {known}." in spelling_fault(name, ["Other", known])


@pytest.mark.parametrize(("name", "known"), [
    ("OpenAI", "OpenAI"),
    ("GPT 4 1", "GPT 41"),
    ("GPT 41", "GPT 4.1"),
    ("Command R", "Command R+"),
    ("Acme, Inc.", "Acme Inc"),
])  # fmt: skip
def test_a_name_that_differs_in_more_is_no_slip(name, known):
    assert spelling_fault(name, [known]) is None


@pytest.mark.parametrize("slip", ["acme cloud", "Acme-Cloud", "Amce Cloud", "Acme Clouds", "Acme Clud", "Acme Cloid", "Acme Coud"])  # fmt: skip
def test_names_a_letter_or_less_apart_are_similar(slip):
    assert list(similar_pairs(["Bolt", "Acme Cloud", slip])) == [("Acme Cloud", slip)]
    assert list(similar_pairs(["Bolt", slip, "Acme Cloud"])) == [(slip, "Acme Cloud")]


@pytest.mark.parametrize("names", [
    ["GPT 4", "GPT 4o", "GPT 4.1", "GPT 4.1 mini", "GPT 4.1 nano", "GPT 41"],
    ["Qwen 3 32B", "Qwen QwQ 32b", "Qwen 3 30B", "Qwen 3 235B"],
    ["Kimi K2", "Kimi V2", "Kimi K3"],
    ["Nova Pro", "Nova Pre"],
    ["Magistral Large", "Mistral Large"],
    ["Mixtral Large 2", "Pixtral Large 2"],
    ["Acme", "Acmeine", "Acme", "Bolt"],
])  # fmt: skip
def test_different_names_are_not_similar(names):
    assert list(similar_pairs(names)) == []


@pytest.mark.parametrize(("name", "base"), [
    ("Claude 5 (reasoning)", "Claude 5"),
    ("Claude 5 with extended thinking", "Claude 5"),
    ("GLM-5 (reasoning) (preview)", "GLM-5 (preview)"),
    ("GLM-5 (preview) (reasoning)", "GLM-5 (preview)"),
    ("Gemini 3 Pro (Preview)", None),
    ("GPT 5 (2025-08-07)", None),
    ("GPT 5 mini", None),
    ("Claude 5 without tools", None),
])  # fmt: skip
def test_a_variant_names_its_base_in_two_forms(name, base):
    assert base_of(name) == base


@pytest.mark.parametrize(("text", "found"), [
    ("o3/o3-pro models go to Acme.", ["o3", "o3 pro", "Acme"]),
    ("GPT 5 chat is the default.", ["GPT 5 chat"]),
    ("Our GPT-4.1's prompts, and *GPT 4.1 mini*.", ["GPT 4.1", "GPT 4.1 mini"]),
    ("Acme’s [o3](https://acme.example/GPT-5) only", ["Acme", "o3"]),
    ("GPT 5 Codex is not GPT 5 2.", []),
    ("Acme Cloud runs the command, and o30.", []),
    ("GPT, 5 and o 3.5", []),
    ("Unlike o3, GPT 5 is kept.", ["GPT 5"]),
    ("GPT 5 is kept, in contrast to o3.", ["GPT 5"]),
    ("Much like o3, GPT 5 is kept.", ["o3", "GPT 5"]),
])  # fmt: skip
def test_known_names_are_found_in_a_text_the_longest_first(text, found):
    assert [mention.name for mention in KNOWN.found_in(text)] == found


@pytest.mark.parametrize(("text", "model", "is_covered"), [
    ("The GPT 5 models", "GPT 5 chat", True),
    ("GPT 5 only", "GPT 5 chat", False),
    ("GPT 5 only", "GPT 5 (reasoning)", True),
    ("GPT 5 chat", "GPT 5", False),
    ("o3 and others", "o30", False),
])  # fmt: skip
def test_a_mention_covers_variants_of_the_model_and_its_family_if_the_text_says_models(
    text, model, is_covered
):
    [mention] = KNOWN.found_in(text)

    assert mention.covers(model) is is_covered


def test_an_alias_stands_for_its_name_unless_it_may_be_a_word():
    names = Names(["GPT 5"], {"gpt-5-2025-08-07": "GPT 5", "chat": "GPT 5"})

    assert [mention.name for mention in names.found_in("We chat with gpt-5-2025-08-07.")] == [
        "GPT 5"
    ]


@pytest.mark.parametrize(("text", "found"), [
    ("o3/o3-pro models are not there yet", ["o3", "o3-pro"]),
    ("The K2 and V4 models of all 30 models", ["K2", "V4"]),
    ("Kept for 30d, as SOC2 and o3 ask", []),
    ("B2B models on H100 models", []),
    ("The R1, o4b and GPT-120b models", ["R1", "o4b", "GPT-120b"]),
    ("[See](https://acme.example/o3 'o3 models')", []),
])  # fmt: skip
def test_unknown_names_that_a_text_calls_models_are_found(text, found):
    assert [mention.name for mention in find_families(text)] == found

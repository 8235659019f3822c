"""Tests of registry.forms: fields name themselves in their messages and say what to do."""

import pytest
from django import forms

from tests.factories import make_provider, make_register, make_user
from tests.forms import complaints, form_values, read

STOCK = (
    "This field",
    "Select a valid choice",
    "Ensure this value",
    "already exists",
    "---------",
    "Add another ",
    "Please correct",
    "with ID",
)


class EveryKind(forms.Form):
    """A field of each kind that can be refused."""

    name = forms.CharField(max_length=5)
    its_text = forms.CharField(label="Its text")
    url = forms.URLField(label="URL", assume_scheme="https")
    share = forms.IntegerField(label="Share in %", min_value=1, max_value=9)
    provider = forms.ChoiceField(choices=[("", "---------"), ("acme", "Acme")])
    seen = forms.BooleanField(label="I have seen it")
    file = forms.FileField()
    own = forms.CharField(error_messages={"required": "Say why."})


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            {},
            {
                "name": "Enter the name.",
                "its_text": "Enter its text.",
                "url": "Enter the URL.",
                "share": "Enter the share in %.",
                "provider": "Choose the provider.",
                "seen": "Tick “I have seen it”.",
                "file": "Choose a file for the file.",
                "own": "Say why.",
            },
        ),
        ({"name": "Anthropic"}, {"name": "Shorten this to 5 characters. It has 9."}),
        ({"share": "0"}, {"share": "Enter 1 or more."}),
        ({"share": "10"}, {"share": "Enter 9 or less."}),
        ({"share": "x"}, {"share": "Enter a whole number."}),
        ({"url": "x"}, {"url": "Enter a web address, such as https://example.com/."}),
        (
            {"provider": "other"},
            {"provider": "What was chosen is not on offer here. Choose again."},
        ),
    ],
)
def test_each_message_names_the_field_and_says_what_to_do(typed, expected):
    form = EveryKind(typed)

    faults = {name: errors[0] for name, errors in form.errors.items()}

    assert {name: faults[name] for name in expected} == expected


@pytest.mark.parametrize(("required", "words"), [(True, "Choose"), (False, "Not chosen")])
def test_that_nothing_is_chosen_is_said_in_words(required, words):
    class Form(forms.Form):
        kind = forms.ChoiceField(choices=[("", "---------"), ("a", "A")], required=required)

    assert f'<option value="" selected>{words}</option>' in str(Form()["kind"])
    assert "---------" not in str(Form()["kind"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["aimodel", "provider", "retentionterm", "footnote", "register", "user"]
)
def test_no_form_of_the_admin_has_a_stock_sentence(admin_client, kind):
    make_register()
    url = f"/admin/compliance/{kind}/add/"
    opened = admin_client.get(url)
    empty = dict.fromkeys(form_values(opened.content), "")
    empty |= {
        name: value
        for name, value in form_values(opened.content).items()
        if name.endswith(("_FORMS", "csrfmiddlewaretoken"))
    }

    refused = admin_client.post(url, empty | {"reason": "Because"})

    assert "Enter the" in read(refused)
    for page in (opened, refused):
        content = page.content.decode().replace("Save and add another", "")
        assert [words for words in STOCK if words in content] == []


@pytest.mark.django_db
def test_a_name_that_is_taken_is_refused_in_plain_words(admin_client):
    make_provider("Acme")
    url = "/admin/compliance/provider/add/"
    form = form_values(admin_client.get(url).content)

    refused = admin_client.post(url, {**form, "name": "Acme", "reason": "Because"})

    assert complaints(refused) == "Another one has this already. Enter something else."


@pytest.fixture
def admin_client(client):
    client.force_login(make_user("root", is_superuser=True))
    return client

"""registry.serving: what is put in place before anything is served."""

import pytest

from compliance import store
from compliance.models import Register
from registry.serving import complete_published_store
from tests.pages import page, row
from tests.test_publishing import bring, past

pytestmark = pytest.mark.django_db


def test_an_index_that_is_behind_is_completed_at_the_start():
    bring(*past(page(row("GPT 6", "Acme"))))  # its commit never comes in this test, so neither does its index
    assert store.behind() == ["register"]

    complete_published_store()

    assert [entry.number for entry in store.read("register").publications] == [1]
    assert Register.objects.get().slug == "register"


def test_a_database_out_of_reach_does_not_keep_the_pages_from_being_served(monkeypatch, caplog):
    def fail():
        raise OSError("no database")

    monkeypatch.setattr(store, "complete", fail)

    complete_published_store()

    assert "could not be compared" in caplog.text

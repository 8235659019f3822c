"""The table of aggregates names every tracked model, and fields that exist."""

from django.apps import apps
from django.db.models import ForeignKey

from compliance.models import graph
from compliance.models.tracked import Tracked


def all_parts(owner):
    """Return the parts of a model, each with its owner, and the parts of those."""
    found = []
    for part in graph.parts_of(owner):
        found += [(part, owner), *all_parts(part.model)]
    return found


def test_every_tracked_model_is_a_root_or_a_part():
    tracked = {m for m in apps.get_app_config("compliance").get_models() if issubclass(m, Tracked)}

    roots = {aggregate.model for aggregate in graph.AGGREGATES}
    parts = {part.model for root in roots for part, _ in all_parts(root)}

    assert roots | parts == tracked
    assert not roots & parts
    assert {model for model in tracked if graph.part(model)} == parts


def test_each_field_that_the_table_names_exists_and_leads_where_it_says():
    for aggregate in graph.AGGREGATES:
        aggregate.model._meta.get_field(aggregate.identity)
        for part, owner in all_parts(aggregate.model):
            field = part.model._meta.get_field(part.owner)
            assert isinstance(field, ForeignKey)
            assert field.related_model is owner
            if part.label:
                part.model._meta.get_field(part.label)
        if listed_as := aggregate.listed_as:
            assert listed_as.model._meta.get_field(listed_as.label).related_model is aggregate.model

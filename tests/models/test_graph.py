from django.apps import apps
from django.db.models import ForeignKey

from compliance.models import graph
from compliance.models.tracked import Tracked


def test_every_tracked_model_is_a_root_or_a_part():
    tracked = {m for m in apps.get_app_config("compliance").get_models() if issubclass(m, Tracked)}

    roots = {aggregate.model for aggregate in graph.AGGREGATES}
    parts = {part.model for aggregate in graph.AGGREGATES for part in aggregate.parts}

    assert roots | parts == tracked
    assert not roots & parts


def test_each_field_that_the_table_names_exists_and_leads_where_it_says():
    for aggregate in graph.AGGREGATES:
        aggregate.model._meta.get_field(aggregate.identity)
        for part in aggregate.parts:
            owner = part.model._meta.get_field(part.owner)
            assert isinstance(owner, ForeignKey)
            assert owner.related_model is aggregate.model
            if part.label:
                part.model._meta.get_field(part.label)
        if listed_as := aggregate.listed_as:
            assert listed_as.model._meta.get_field(listed_as.label).related_model is aggregate.model

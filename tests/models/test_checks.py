"""The checks of a record are asked for together, and found as Django finds them one by one."""

from functools import partial
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from compliance.models import PolicyDocument, Provider, graph

VALUES = {
    models.CharField: ["", "x", "duration", "P30D", "never", "x" * 300],
    models.TextField: ["", "x"],
    models.BooleanField: [True, False],
    models.ForeignKey: [None, 7],
}


def values_of(field):
    for kind, values in VALUES.items():
        if isinstance(field, kind):
            return values
    return [None, 0, 5] if isinstance(field, models.IntegerField) else [field.get_default(), None]


def faults(validate, excluded):
    try:
        validate(exclude=excluded)
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.django_db
@pytest.mark.parametrize("model", graph.tracked_models())
def test_the_same_checks_fail_as_when_each_is_asked_for(model):
    checks = [each for each in model._meta.constraints if isinstance(each, models.CheckConstraint)]
    names = sorted(
        set().union(*(models.Q(each.condition).referenced_base_fields for each in checks))
    )
    fields = [model._meta.get_field(name) for name in names]
    for number, values in enumerate(product(*(values_of(field)[:4] for field in fields))):
        if number > 40:
            break
        record = model()
        for field, value in zip(fields, values, strict=True):
            setattr(record, field.attname, value)
        for excluded in (None, set(names[:1]), set(names)):
            ours = faults(record.validate_constraints, excluded)
            theirs = faults(partial(models.Model.validate_constraints, record), excluded)
            assert ours == theirs, (values, excluded)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "record", [Provider(name="Acme", slug="acme"), PolicyDocument(url="https://a.example/")]
)
def test_checks_that_pass_take_one_query(record):
    with CaptureQueriesContext(connection) as captured:
        record.validate_constraints()

    assert len([one for one in captured if "SAVEPOINT" not in one["sql"]]) == 1

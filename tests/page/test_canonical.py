import datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from compliance.page import canonical

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-9, 9)
_VALUES = st.recursive(
    _SCALARS | _TEXTS,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(_TEXTS, values, max_size=4),
)


@given(_VALUES)
def test_the_bytes_are_those_of_rfc_8785(value):
    written = canonical.encode(value)

    assert written == rfc8785.dumps(value)


def test_members_are_sorted_by_their_utf_16_code_units():
    # By code points the second key would come first.
    value = {"\U0001f600": 1, "\ufb33": 2}

    assert canonical.encode(value) == '{"\U0001f600":1,"\ufb33":2}'.encode()


def test_an_object_that_is_no_json_value_is_written_as_its_default():
    value = {"day": datetime.date(2026, 11, 30), "number": 1, "nothing": None}

    written = canonical.encode(value, default=str)

    assert written == b'{"day":"2026-11-30","nothing":null,"number":1}'


@pytest.mark.parametrize("value", [2**53, float("nan"), object()])
def test_a_value_without_canonical_bytes_is_refused(value):
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical.encode(value)


def test_a_surrogate_is_refused():
    with pytest.raises(UnicodeEncodeError):
        canonical.encode("\ud800")

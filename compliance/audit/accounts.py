"""Verifies accounts: whether second factors are those that the record holds."""

from collections import defaultdict
from collections.abc import Iterator

from allauth.mfa.models import Authenticator

from compliance.accounts.recording import factor_of, standing_factors
from compliance.models import FactorRenaming, RecordedFactor


def factor_faults() -> Iterator[str]:
    """Yield a fault for each factor that only the table of factors or only the record has."""
    names = dict(FactorRenaming.objects.order_by("pk").values_list("factor", "name"))
    standing: defaultdict[tuple[object, ...], list[RecordedFactor]] = defaultdict(list)
    for record in standing_factors().order_by("-pk").iterator():
        key = record.user_id, record.kind, bytes(record.credential_id), bytes(record.public_key)
        standing[key].append(record)
    for authenticator in Authenticator.objects.order_by("pk").iterator():
        row = f"mfa_authenticator: row {authenticator.pk}"
        try:
            factor = factor_of(authenticator)
        except ValueError as error:
            yield f"mfa_authenticator: {error}"
            continue
        records = standing[factor.user, factor.kind, factor.credential_id, factor.public_key]
        if not records:
            yield f"{row}, a second factor of user {factor.user}, was set up past the registry."
            continue
        record = records.pop()
        if names.get(record.pk, record.name) != factor.name:
            yield f"{row}, a passkey of user {factor.user}, was renamed past the registry."
    for records in standing.values():
        for record in records:
            yield (
                f"compliance_recordedfactor: row {record.pk}, a second factor of user "
                f"{record.user_id}, was removed past the registry."
            )

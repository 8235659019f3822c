"""manage.py rotate_factor_keys: encrypt the secrets of second factors with the first key."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction

from compliance.accounts import encryption
from compliance.management.inputs import RegistryCommand, refusal

# Where django-allauth stores secrets: of an app, and of recovery codes.
_SECRETS = ("secret", "seed")


class Command(RegistryCommand):
    help = (
        "Encrypt the secrets of all second factors anew with the first of FACTOR_KEYS, so that the "
        "others can be removed from it."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for factor in Authenticator.objects.select_for_update().order_by("pk"):
            found = [name for name in _SECRETS if name in factor.data]
            try:
                factor.data |= {name: encryption.rotate(factor.data[name]) for name in found}
            except ValidationError as error:
                raise refusal(
                    f"The second factor of {factor.user} was stored with none of FACTOR_KEYS. Add "
                    "its key, or reset the factor. Nothing was changed."
                ) from error
            if found:
                factor.save(update_fields=["data"])
                count += 1
        self.stdout.write(f"{count} second factors are stored with the first key now.")

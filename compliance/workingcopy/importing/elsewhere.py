"""What other registers list: an import must not change their pages."""

from typing import Any

from compliance.models import Register
from compliance.models.tracked import Named


class Elsewhere:
    """Which models and providers other registers list."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._found: dict[type[Named], frozenset[int]] = {}

    def of(self, model: type[Named]) -> frozenset[int]:
        """Return the keys of the records that another register lists."""
        if model not in self._found:
            # Every Named model is listed.
            relation: Any = model._meta.get_field("listed")  # type: ignore[misc]
            listed = relation.related_model.objects.exclude(
                listing__section__register=self.register
            )
            keys = listed.order_by().values_list(relation.field.attname, flat=True)
            self._found[model] = frozenset(keys.distinct())
        return self._found[model]

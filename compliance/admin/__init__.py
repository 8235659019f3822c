"""The admin: where editors edit the working copy and everybody on the staff reads what was done."""

from compliance.admin import ai_models, footnotes, listings, people, providers, publishing, record, registers, terms
from compliance.admin.sites import site

__all__ = [
    "ai_models",
    "footnotes",
    "listings",
    "people",
    "providers",
    "publishing",
    "record",
    "registers",
    "site",
    "terms",
]

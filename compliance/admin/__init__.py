"""The admin site: staff edit the working copy, publish it and read its history.

The imports register the admin classes.
"""

from compliance.admin import ai_models, changesets, footnotes, providers, registers, terms, users
from compliance.admin.listings.admin import ListingAdmin
from compliance.admin.publishing.admin import PublicationAdmin
from compliance.admin.site import site

__all__ = [
    "ListingAdmin",
    "PublicationAdmin",
    "ai_models",
    "changesets",
    "footnotes",
    "providers",
    "registers",
    "site",
    "terms",
    "users",
]

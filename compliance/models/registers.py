"""Registers: the public lists, each a page of its own."""

import re
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from compliance.models.choices import not_empty, short_slug
from compliance.models.tracked import Tracked
from compliance.page import slugs, urls

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")


class Register(Tracked):
    """One public list, such as "LLMs & Privacy"."""

    slug = models.CharField(
        max_length=100,
        unique=True,
        help_text="The name in the URL, for example llms-privacy. It cannot change later.",
    )
    title = models.CharField(max_length=200)
    link_base = models.URLField(
        max_length=2000,
        blank=True,
        help_text=(
            "The https address that is put before links without a host, such as ./assistant.md."
            " Without it such links print as plain text."
        ),
    )
    language = models.CharField(max_length=20, default="en", help_text="BCP 47: en, de, pt-BR.")
    publisher = models.CharField(max_length=200, blank=True, help_text="Who answers for the page.")
    contact = models.CharField(
        max_length=200, blank=True, help_text="An address for questions: privacy@example.com."
    )
    licence = models.CharField(
        max_length=200, blank=True, help_text="Of the data, for example CC-BY-4.0."
    )

    class Meta:
        ordering = ["title", "slug"]
        constraints = [
            short_slug(longest=100, other_than=slugs.RESERVED_SLUGS),
            not_empty("title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def listings(self) -> models.QuerySet[Any]:
        """The rows of all its tables, in the order of the page."""
        # By name, because listings need registers first.
        listings = apps.get_model("compliance", "Listing")._default_manager
        order = ("section__position", "section_id", "position", "pk")
        return listings.filter(section__register=self).order_by(*order)

    def clean(self) -> None:
        """Refuse fields that no page could print, and a slug that belongs to another address."""
        faults: dict[str, str] = {}
        if fault := slugs.register_slug_fault(self.slug):
            faults["slug"] = fault
        if self.link_base and not self.link_base.startswith("https://"):
            faults["link_base"] = f"{self.link_base} does not begin with https://."
        if self.contact and contact_url(self.contact) is None:
            faults["contact"] = (
                f"{self.contact} is neither an e-mail address nor an https:// address."
            )
        if not _LANGUAGE.match(self.language):
            faults["language"] = f"{self.language} is not a language tag. Use en, de or pt-BR."
        if faults:
            raise ValidationError(faults)


def contact_url(contact: str) -> str | None:
    """Return the URL that a contact links to, https: or mailto:, or None if it is neither."""
    if contact.startswith("https://"):
        return None if urls.url_fault(contact) else contact
    return None if urls.mail_address_fault(contact) else f"mailto:{contact}"

"""The navigation at the side of every screen: groups of work, each with the screens in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

# The groups in order, each with its screens: label, name of the address, permission of this app.
_GROUPS = [
    ("Desk", [("Desk", "index", "")]),
    (
        "Page",
        [
            ("Page", "compliance_register_pages", "view_register"),
            ("Rows", "compliance_listing_changelist", "view_listing"),
            ("Models", "compliance_aimodel_changelist", "view_aimodel"),
            ("Registers", "compliance_register_changelist", "view_register"),
        ],
    ),
    (
        "Providers",
        [
            ("Providers", "compliance_provider_changelist", "view_provider"),
            ("Documents", "documents", "view_provider"),
            ("Agreements", "agreements", "view_provider"),
            ("Where prompts go", "offering", "view_publication"),
        ],
    ),
    ("Terms", [("Terms", "compliance_retentionterm_changelist", "view_retentionterm")]),
    ("Footnotes", [("Footnotes", "compliance_footnote_changelist", "view_footnote")]),
    ("Reviews", [("Reviews", "review_calendar", "view_provider")]),
    (
        "Publications",
        [
            ("Publications", "compliance_publication_changelist", "view_publication"),
            ("Edits", "compliance_changeset_changelist", "view_changeset"),
            ("Audit pack", "audit_pack", "download_audit_pack"),
        ],
    ),
    ("People", [("People", "compliance_user_changelist", "view_user")]),
]


@dataclass(frozen=True, slots=True)
class RailLink:
    """A screen in the rail. `is_current` if the person is on it or on a screen below it."""

    label: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class RailGroup:
    """A group of screens, with the address of the first. `links` is empty if that is all."""

    label: str
    address: str
    links: tuple[RailLink, ...]
    is_current: bool


def rail_groups(request: HttpRequest) -> list[RailGroup]:
    """Return the groups with the screens that the person may open."""
    permitted = [(label, list(_permitted(request, screens))) for label, screens in _GROUPS]
    addresses = [address for _, screens in permitted for _, address in screens]
    current = _current_address(request.path, addresses)
    groups = []
    for label, screens in permitted:
        if not screens:
            continue
        links = tuple(RailLink(*screen, screen[1] == current) for screen in screens)
        is_current = any(link.is_current for link in links)
        shown = links if len(links) > 1 else ()
        groups.append(RailGroup(label, screens[0][1], shown, is_current))
    return groups


def _permitted(
    request: HttpRequest, screens: list[tuple[str, str, str]]
) -> Iterator[tuple[str, str]]:
    """Give the label and the address of each screen that the person may open."""
    for label, name, permission in screens:
        if not permission or request.user.has_perm(f"compliance.{permission}"):
            yield label, reverse(f"admin:{name}")


def _current_address(path: str, addresses: list[str]) -> str:
    """Return the address with the longest beginning in common; the desk only for itself."""
    # The page of a register belongs to "Page", not to "Registers".
    path = re.sub(r"/register/\d+/page/", "/register/page/", path)
    desk = reverse("admin:index")
    above = [one for one in addresses if path.startswith(one) and (one != desk or path == desk)]
    return max(above, key=len, default="")

"""The help: the manual of the staff as a screen, and which part of it each screen links to."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from compliance.rendering.manual import headings, manual_html

# The manual is shipped with the software.
MANUAL = settings.BASE_DIR / "docs" / "editing.md"

# The part of the manual by the name of a screen. A screen that is not named has the part of the
# longest beginning of its name that is: `compliance_listing_act` that of `compliance_listing`.
HELP = {
    "index": "the-desk",
    "account": "days-moments-and-your-time-zone",
    "agreements": "documents",
    "app_list": "the-desk",
    "audit_pack": "the-audit-pack",
    "compliance_aimodel": "adding-retiring-and-replacing-models",
    "compliance_changeset": "who-changed-this",
    "compliance_changeset_undo": "setting-back",
    "compliance_footnote": "footnotes",
    "compliance_listing": "every-save-needs-a-reason",
    "compliance_listing_changelist": "the-page",
    "compliance_listing_act": "actions-in-one-step",
    "compliance_provider": "terms",
    "compliance_provider_review": "reviewing-what-stands",
    "compliance_publication": "publishing",
    "compliance_register": "sections-and-columns",
    "compliance_register_page": "the-page",
    "compliance_register_import": "importing-a-page",
    "compliance_register_preview": "previewing-the-page",
    "compliance_retentionterm": "terms",
    "compliance_retentionterm_review": "reviewing-what-stands",
    "compliance_user": "accounts",
    "documents": "documents",
    "offering": "who-changed-this",
    "review_calendar": "reviewing-what-stands",
    "search": "finding-things",
}


def anchor_of(screen: str) -> str:
    """Return the anchor of the part of the manual about a screen, "" if no part is about it."""
    names = [name for name in HELP if screen == name or screen.startswith(f"{name}_")]
    return HELP[max(names, key=len)] if names else ""


def help_address(request: HttpRequest) -> str:
    """Return the address of the part of the manual about the screen of a request."""
    match = request.resolver_match
    screen = (match.url_name or "") if match else ""
    anchor = anchor_of(screen)
    address = reverse("admin:help")
    return f"{address}#{anchor}" if anchor else address


@require_safe
def help_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the manual, with its table of contents."""
    text = MANUAL.read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    context = {
        **site.each_context(request),
        "title": title.removeprefix("# "),
        "parts": [heading for heading in headings(rest) if heading.level == 2],
        "manual": manual_html(rest),
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/help.html", context)

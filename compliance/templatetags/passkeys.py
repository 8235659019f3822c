"""Template tags about passkeys."""

from django import template
from django.template.context import RequestContext

from compliance.accounts import passkeys

register = template.Library()


@register.simple_tag(takes_context=True)
def passkey_host_obstacle(context: RequestContext) -> str:
    """Return why browsers use no passkey at the address of this page, "" if they do."""
    return passkeys.host_obstacle(context["request"].get_host())

"""A hand-written view of the same tables, rendered from the database at each request.

`bench.answered` compares the registry with it. Unlike the registry it runs without any middleware.
"""

from bench.staging import set_up_django

set_up_django()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import Context, Engine  # noqa: E402
from django.urls import path  # noqa: E402

from compliance.models import Register  # noqa: E402

PAGE = Engine().from_string("""<!doctype html>
<title>{{ register.title }}</title><h1>{{ register.title }}</h1>
<table>{% for listing in listings %}<tr id="{{ listing.pk }}">
<td><ul>{% for listed in listing.listed_models.all %}<li>{{ listed.model.name }}
{% for citation in listed.citations.all %}<sup>{{ citation.footnote.position }}</sup>{% endfor %}
</li>{% endfor %}</ul></td>
<td><ul>{% for listed in listing.listed_providers.all %}<li>{{ listed.provider.name }}
{% for citation in listed.citations.all %}<sup>{{ citation.footnote.position }}</sup>{% endfor %}
</li>{% endfor %}</ul></td>
{% for cell in listing.cells.all %}<td>{{ cell.text }} {{ cell.term.wording }}</td>{% endfor %}
<td><ul>{% for listed in listing.listed_providers.all %}
{% for document in listed.provider.documents.all %}
<li><a href="{{ document.url }}">{{ document.label }}</a></li>{% endfor %}{% endfor %}</ul></td>
</tr>{% endfor %}</table>
<ol>{% for note in register.footnotes.all %}<li>{{ note.text }}</li>{% endfor %}</ol>""")


def page(request: HttpRequest) -> HttpResponse:
    """Render the working copy's tables."""
    register = Register.objects.prefetch_related("footnotes").get()
    listings = register.listings.prefetch_related(
        "cells__term",
        "listed_models__model",
        "listed_models__citations__footnote",
        "listed_providers__provider__documents",
        "listed_providers__citations__footnote",
    )
    return HttpResponse(PAGE.render(Context({"register": register, "listings": listings})))


urlpatterns = [path("", page)]
settings.ROOT_URLCONF, settings.MIDDLEWARE = "bench.by_hand", []
application = WSGIHandler()

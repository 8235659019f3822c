"""Settings of the control of bench.raced_editors: Django's own admin at /admin/stock/."""

from registry.settings import *  # noqa: F403
from registry.settings import MIDDLEWARE, TEMPLATES

ROOT_URLCONF = "bench.stock_urls"
MIDDLEWARE = [*MIDDLEWARE, "bench.stock_urls.in_a_changeset"]
# Django's own templates: the project's link to pages that only its own admin has.
TEMPLATES = [{**TEMPLATES[0], "DIRS": []}]

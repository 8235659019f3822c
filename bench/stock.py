"""Settings of the control of bench.raced_editors: Django's own admin at /admin/stock/."""

from registry.settings import *  # noqa: F403
from registry.settings import MIDDLEWARE

ROOT_URLCONF = "bench.stock_urls"
MIDDLEWARE = [*MIDDLEWARE, "bench.stock_urls.in_a_changeset"]

"""The ASGI application."""

import os

from django.core.asgi import get_asgi_application

from registry.serving import compare_with_database, require_known_settings, require_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
require_settings()

application = get_asgi_application()
require_known_settings()
compare_with_database()

"""The ASGI application."""

import os

from django.core.asgi import get_asgi_application

from registry.serving import complete_published_store, require_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
require_settings()

application = get_asgi_application()
complete_published_store()

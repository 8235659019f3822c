"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from registry.serving import complete_published_store, require_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
require_settings()

application = get_wsgi_application()
complete_published_store()

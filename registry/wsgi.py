"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from registry.serving import compare_with_database, require_known_settings, require_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
require_settings()

application = get_wsgi_application()
require_known_settings()
compare_with_database()

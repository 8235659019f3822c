"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from registry.startup import (
    compare_with_database,
    require_passed_checks,
    require_settings,
    require_signing_key,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
require_settings()

application = get_wsgi_application()
require_passed_checks()
require_signing_key()
compare_with_database()

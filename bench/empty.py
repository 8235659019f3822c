"""An empty Django view without middleware: the upper limit in `bench.answered`."""

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF="bench.empty", ALLOWED_HOSTS=["*"], SECRET_KEY="bench", MIDDLEWARE=[]
)
django.setup()


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("", empty)]
application = get_wsgi_application()

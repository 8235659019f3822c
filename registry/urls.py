"""All URLs come from the one app."""

from django.urls import include, path

from compliance.urls import handler400, handler403, handler404, handler429, handler500

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]

urlpatterns = [path("", include("compliance.urls"))]

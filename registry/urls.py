"""All URLs come from the one app."""

from django.urls import include, path

urlpatterns = [path("", include("compliance.urls"))]

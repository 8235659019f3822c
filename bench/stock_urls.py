"""URLs of the control of bench.raced_editors: plain ModelAdmins for the same models."""

from django.contrib import admin
from django.urls import include, path

from compliance.models import ListedModel, Listing
from compliance.models.changesets import changeset


def in_a_changeset(get_response):
    """Open a changeset around each POST: tracked records can only be written in a changeset."""

    def respond(request):
        if request.method != "POST":
            return get_response(request)
        with changeset(by=request.user, reason="Bench"):
            return get_response(request)

    return respond


class ListedModels(admin.TabularInline):
    model = ListedModel
    extra = 0


class ListingAdmin(admin.ModelAdmin):
    inlines = [ListedModels]
    fields = ["register", "position", "training_use", "training_text", "retention_term", "departs"]


site = admin.AdminSite(name="stock")
site.register(Listing, ListingAdmin)
urlpatterns = [path("admin/stock/", site.urls), path("", include("compliance.urls"))]

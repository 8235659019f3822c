"""URLs of the control of bench.raced_editors: plain ModelAdmins for the same models."""

from django.contrib import admin
from django.urls import include, path

from compliance.models import Cell, ListedModel, Listing
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


class Cells(admin.TabularInline):
    model = Cell
    extra = 0


class ListingAdmin(admin.ModelAdmin):
    inlines = [ListedModels, Cells]
    fields = ["section", "position"]


site = admin.AdminSite(name="stock")
site.register(Listing, ListingAdmin)
urlpatterns = [path("admin/stock/", site.urls), path("", include("compliance.urls"))]

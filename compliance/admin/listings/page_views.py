"""The screen on which a register's page is edited: its rows, in order, lead to their forms."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils import timezone

from compliance.admin.components.fields import REASON_HELP, ReasonField, acting, reason_errors
from compliance.admin.components.reasons import last_reason, with_same_reason
from compliance.admin.components.states import may_see_states
from compliance.admin.listings.page import (
    moved,
    page_address,
    register_page_choices,
    reordered,
    whole_page,
)
from compliance.models import Changeset, Listing, Register, changesets
from compliance.page.snapshot import Snapshot
from compliance.publishing.part_states import part_states
from compliance.workingcopy import listings as workingcopy_listings
from compliance.workingcopy.listings import ListingActionError
from compliance.workingcopy.resolve import capture

# The form of a row, which opens on the same screen, has a reason too.
_ORDER_IDS = "order_%s"
_MEANWHILE = (
    "Somebody changed the order of the rows or their number meanwhile, so nothing was saved. "
    "Below is the page as it is now."
)


def _rows_of(section: str) -> QuerySet[Listing]:
    return Listing.objects.filter(section_id=UUID(section)).select_related("section")


class OrderForm(forms.Form):
    """Why the rows get another order."""

    reason = ReasonField(
        label="Reason for the new order",
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text=REASON_HELP,
        error_messages=reason_errors("saved"),
    )


class PageMixin(admin.ModelAdmin):
    """The screen of a register's page, for RegisterAdmin."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page, and the address that leads to the only one."""
        page = self.admin_site.admin_view(self.page_view)
        pages = self.admin_site.admin_view(self.pages_view)
        return [
            path("page/", pages, name="compliance_register_pages"),
            path("<int:pk>/page/", page, name="compliance_register_page"),
            *super().get_urls(),
        ]

    def pages_view(self, request: HttpRequest) -> HttpResponse:
        """Go to the page of the only register, or show the registers to choose from."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        registers = register_page_choices()
        if len(registers) == 1:
            return HttpResponseRedirect(page_address(registers[0].pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Pages",
            "registers": registers,
            "may_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/listings/pages.html", context)

    def page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the page as editors see it; move rows, and save their order with a reason."""
        register = self.get_object(request, str(pk))
        if not self.has_view_permission(request, register):
            raise PermissionDenied
        if register is None:
            raise Http404
        if request.method != "POST":
            return self._page(request, register, capture(register))
        if not request.user.has_perm("compliance.change_listing"):
            raise PermissionDenied
        return self._post_order(request, register)

    def _post_order(self, request: HttpRequest, register: Register) -> HttpResponse:
        request.POST = with_same_reason(request)  # type: ignore[assignment]
        order, opened = request.POST.getlist("order"), request.POST.get("opened", "").split()
        snapshot = capture(register)
        shown = set(opened)
        standing = [row.id for row in snapshot.rows() if row.id in shown]
        if standing != opened or sorted(order) != sorted(opened) or not order:
            messages.error(request, _MEANWHILE)
            return self._page(request, register, snapshot)
        wanted = reordered(snapshot, order)
        for direction in ("up", "down"):
            if id := request.POST.get(direction):
                wanted = moved(wanted, id, down=direction == "down", within=opened)
                return self._page(request, register, wanted, opened=opened, row=id)
        form = OrderForm(request.POST, auto_id=_ORDER_IDS)
        if not form.is_valid():
            return self._page(request, register, wanted, opened=opened, form=form)
        try:
            written = self._save_order(request, form.cleaned_data["reason"], snapshot, wanted)
        except (ListingActionError, changesets.ReasonRefused, ValidationError) as refusal:
            messages.error(request, " ".join(getattr(refusal, "messages", [str(refusal)])))
            return self._page(request, register, wanted, opened=opened, form=form)
        if written:
            messages.success(request, "Saved the order of the rows.")
        else:
            messages.info(request, "The order was not different, so nothing was saved.")
        return HttpResponseRedirect(page_address(register.pk, order[0]))

    def _save_order(
        self, request: HttpRequest, reason: str, before: Snapshot, after: Snapshot
    ) -> int:
        source = Changeset.Source.ADMIN.value
        with changesets.changeset(by=acting(request), reason=reason, source=source) as opened:
            for old, new in zip(before.sections, after.sections, strict=True):
                ids = [listing.id for listing in new.listings]
                if ids == [listing.id for listing in old.listings]:
                    continue
                rows = {
                    str(row.pk): row
                    for row in Listing.objects.filter(section_id=UUID(old.id)).select_related(
                        "section"
                    )
                }
                if set(rows) != set(ids):
                    raise ListingActionError(_MEANWHILE)
                section = rows[ids[0]].section
                workingcopy_listings.reorder(section, order=[rows[id] for id in ids])
            return opened.written

    def _page(
        self,
        request: HttpRequest,
        register: Register,
        snapshot: Snapshot,
        *,
        opened: list[str] | None = None,
        row: str = "",
        form: OrderForm | None = None,
    ) -> HttpResponse:
        """Show the page; `opened` is the order that is stored, where another one is shown."""
        states = part_states(register, at=timezone.now()) if may_see_states(request) else {}
        first = request.GET.get("first", "")
        page = whole_page(
            snapshot,
            first=int(first) if first.isdecimal() and len(first) < 9 else 1,
            row=row or request.GET.get("row", ""),
            states=states,
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Page: {register.title}",
            "register": register,
            "page": page,
            "page_path": page_address(register.pk),
            "opened": opened or page.order,
            "is_moved": opened is not None,
            "may_edit": request.user.has_perm("compliance.change_listing"),
            "may_add": request.user.has_perm("compliance.add_listing"),
            "form": form or OrderForm(auto_id=_ORDER_IDS),
            "last_reason": last_reason(request),
            "changed_row": row,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/listings/page.html", context)

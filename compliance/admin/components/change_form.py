"""What every change form says in place of Django's sentences."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst

from compliance.rendering.faults import screen_faults

PREVIEW_BUTTON = "_preview"


def is_previewed(request: HttpRequest) -> bool:
    """Return whether the preview button of a form was pressed, not the save button.

    Then the screen shows what the form changes, and not what is known of the record as it is.
    """
    return request.method == "POST" and PREVIEW_BUTTON in request.POST


class ChangeFormMixin(admin.ModelAdmin):
    """A change form with a summary of its errors, which leads to the desk without its record."""

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Sum up the errors, and send the form to its own address.

        Without an address it would go to that of the page with the cell that it was opened at: the
        browser would then show the cell, not the summary.
        """
        context["faults"] = list(screen_faults(context))
        # Empty, or Django's template says "Please correct the errors below" as well.
        context["errors"] = []
        kwargs["form_url"] = kwargs.get("form_url") or request.get_full_path()
        return super().render_change_form(request, context, *args, **kwargs)

    def field_label(self, name: str) -> str:
        """Return the label of a posted field of a record or one of its parts, "" if unknown."""
        part, _, field_name = name.rpartition("-")
        kinds = [inline.model for inline in self.inlines] if part else [self.model]
        for kind in kinds:
            for field in kind._meta.concrete_fields:
                if field.name == field_name:
                    return str(capfirst(field.verbose_name))
        field = getattr(self.form, "base_fields", {}).get(name)
        return str(field.label or "") if field else ""

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        sentence = (
            f"There is no such {opts.verbose_name}. Somebody deleted it, or the link is wrong: "
            "search for its name."
        )
        self.message_user(request, sentence, messages.WARNING)
        return HttpResponseRedirect(reverse("admin:index"))

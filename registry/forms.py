"""How every form of the site is rendered."""

from typing import Any

from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString


class FieldWithPlainLabel(BoundField):
    """A field whose label ends as it is written, without the colon that Django adds."""

    def label_tag(
        self,
        contents: str | None = None,
        attrs: dict[str, Any] | None = None,
        label_suffix: str | None = None,
        tag: str | None = None,
    ) -> SafeString:
        return super().label_tag(contents, attrs, label_suffix or "", tag)


class FormRenderer(TemplatesSetting):
    """Finds the templates of widgets where those of the screens are."""

    bound_field_class = FieldWithPlainLabel

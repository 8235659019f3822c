"""Helpers that fill in and send the forms of pages, as a browser would."""

from typing import Any

import html5lib
from django.test import Client

_HTML = "{http://www.w3.org/1999/xhtml}"


def post_form(client: Client, url: str, **typed: Any) -> Any:
    """Get a page, set fields of its form by name (None clears one), send it, return the response."""
    page = client.get(url)
    assert page.status_code == 200, f"{url} answers {page.status_code}"
    values = {**form_values(page.content), **typed}
    return client.post(url, {name: value for name, value in values.items() if value is not None})


def form_values(content: bytes | str, *, action: str = "") -> dict[str, Any]:
    """Return the values of a form by field name, without buttons and files.

    It is the form that is sent to `action`, or the page's own form.
    """
    document = html5lib.parse(content, transport_encoding="utf-8")
    form = next(
        form
        for form in document.iter(f"{_HTML}form")
        if (form.get("action") == action if action else form.get("id", "").endswith("_form"))
    )
    values: dict[str, Any] = {}
    for field in form.iter():
        name = field.get("name")
        if not name or field.get("type") in ("submit", "button", "file"):
            continue
        if field.tag == f"{_HTML}textarea":
            values[name] = (field.text or "").removeprefix("\n").replace("\n", "\r\n")
        elif field.tag == f"{_HTML}select":
            chosen = [
                option.get("value", "")
                for option in field.iter(f"{_HTML}option")
                if "selected" in option.attrib
            ]
            values[name] = chosen if "multiple" in field.attrib else (chosen or [""])[0]
        elif field.tag == f"{_HTML}input" and (
            field.get("type") != "checkbox" or "checked" in field.attrib
        ):
            value = field.get("value", "on" if field.get("type") == "checkbox" else "")
            # Several boxes of one choice, or a hidden list.
            if field.get("type") in ("checkbox", "hidden") and name in values:
                value = [
                    *([values[name]] if isinstance(values[name], str) else values[name]),
                    value,
                ]
            values[name] = value
    return values


def read(response: Any) -> str:
    """Return the visible text of a page, with single spaces."""
    return " ".join(
        "".join(html5lib.parse(response.content, transport_encoding="utf-8").itertext()).split()
    )


def complaints(response: Any) -> str:
    """Return all error messages of an admin form as one text, empty if it was saved."""
    if response.status_code != 200:
        return ""
    form = response.context["adminform"].form
    faults = [fault for field in form.errors.values() for fault in field]
    for formset in response.context["inline_admin_formsets"]:
        faults += [
            fault
            for errors in formset.formset.errors
            for field in errors.values()
            for fault in field
        ]
    return "\n".join(faults)

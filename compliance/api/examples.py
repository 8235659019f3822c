"""Answers as the OpenAPI document shows them."""

from typing import Any

_TERM: dict[str, Any] = {
    "text": "30 days",
    "clauses": [
        {
            "data_class": "all_content",
            "kind": "duration",
            "duration": "P30D",
            "bound": "exact",
            "trigger": "always",
        }
    ],
}
OFFERING: dict[str, Any] = {
    "listing": "k3v9",
    "model": {"id": "acme-one", "name": "Acme One", "footnotes": []},
    "provider": {
        "id": "acme",
        "name": "Acme AI",
        "footnotes": [1],
        "declared": {"training": "never", "retention": _TERM},
    },
    "training": {"use": "never", "text": "No", "basis": "derived", "footnotes": []},
    "retention": {**_TERM, "basis": "derived", "footnotes": []},
    "documents": [
        {
            "provider": "acme",
            "kind": "privacy_policy",
            "label": "Acme AI Privacy Policy",
            "url": "https://acme.example/privacy",
            "footnotes": [],
        }
    ],
}
STEP: dict[str, Any] = {
    "publication": 2,
    "before": 1,
    "effective_from": "2026-08-11T14:00:00Z",
    "announced": False,
    "url": "https://registry.example/models-and-privacy/changes/2/",
    "changes": [
        {
            "kind": "provider_added",
            "effect": "weaker",
            "sentence": "Acme One now also goes to Borealis Cloud.",
            "listing": "k3v9",
            "models": ["acme-one"],
            "providers": ["borealis"],
        }
    ],
}
VERDICT: dict[str, Any] = {
    "model": "acme-one",
    "name": "Acme One",
    "fits": False,
    "reasons": [
        {
            "sentence": "Retention: “30 days”, that is: all content kept 30 days.",
            "providers": [{"id": "acme", "name": "Acme AI"}],
        }
    ],
}

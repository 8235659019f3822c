"""What is said of query parameters that are refused, on pages and in the API."""

from collections.abc import Collection

# What is often tried, and what to ask with.
_INSTEAD = {"weaker": "effect=weaker"}


def unknown_parameter(name: str, known: Collection[str]) -> str:
    """Return a sentence about a query parameter that an address does not know."""
    sentence = f"{name[:40]} is not a query parameter of this address."
    if name in _INSTEAD and "effect" in known:
        return f"{sentence} Ask with {_INSTEAD[name]}."
    return f"{sentence} Known: {', '.join(sorted(known)) or 'none'}."


def repeated_parameter(name: str) -> str:
    """Return a sentence about a query parameter of which only one value would count."""
    return f"{name[:40]} is given more than once. Give it once."

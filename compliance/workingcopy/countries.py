"""Countries that the text of a place names."""

from functools import cache

from django.utils.translation import override
from django_countries import countries

# English names that the list of names (ISO 3166, with common names) lacks.
_OTHER_NAMES = {
    "Czech Republic": "CZ",
    "Great Britain": "GB",
    "The Netherlands": "NL",
    "Turkey": "TR",
    "UK": "GB",
    "United States": "US",
    "US": "US",
    "USA": "US",
}


def country_named(words: str, language: str) -> str | None:
    """Return the ISO 3166 code of the country that a text names as a whole, None for other texts.

    The name is English or in the given language, such as "de" or "pt-BR".
    """
    name = words.strip().casefold()
    return _codes("en").get(name) or _codes(language).get(name)


@cache
def _codes(language: str) -> dict[str, str]:
    """Return the codes of countries by their names in a language, in lower case."""
    with override(language):
        codes = {str(name).casefold(): code for code, name in countries}
    if language == "en":
        codes |= {
            name.casefold(): code
            for name, code in _OTHER_NAMES.items()
            if code in countries.countries
        }
    return codes

"""The manual of the rules, made of the rules themselves: `python -m compliance.page.rules > docs/rules.md`."""

import inspect
from collections.abc import Iterable
from itertools import groupby

from compliance.page.rules.rule import Rule

_BEGINNING = """# Rules

Made of the rules themselves by `python -m compliance.page.rules > docs/rules.md`; a test holds it up to date.

A **blocker** keeps a page from being submitted. A **warning** is answered in writing, for one publication or until a
day within a year; the answer lapses when what it is about changes. A **note** is only said. The rules judge what would
be published: in the admin, and by `manage.py check_register` (`--format json`, `github` or `gitlab` for machines,
`--catalogue FILE` with the product's own list of models).

`RULES_SEVERITY=no-privacy-policy=note,edge-blanks=warning` in the environment makes a rule more or less severe; a code
that does not exist is refused at the start. What is fixed stays as it is: a page that breaks it could not be read back.
"""


def manual(rules: Iterable[Rule]) -> str:
    """Return the manual as Markdown: for each rule its code, its severity, what it asks for and where it comes from."""
    parts = [_BEGINNING]
    for title, group in groupby(rules, _title):
        parts.append(f"## {title}\n")
        parts += [f"### `{rule.code}`: {_severity(rule)}\n\n{rule.meaning}\n" for rule in group]
    return "\n".join(parts)


def _severity(rule: Rule) -> str:
    return f"{rule.severity}, fixed" if rule.is_fixed else rule.severity


def _title(rule: Rule) -> str:
    module = inspect.getmodule(rule.check)
    return (inspect.getdoc(module) or "").rstrip(".")

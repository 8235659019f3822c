"""python -m compliance.page.rules: print the manual of the rules."""

from compliance.page.rules import RULES
from compliance.page.rules.manual import manual

print(manual(RULES.values()), end="")

"""python -m compliance.rules: print the manual of the rules."""

from compliance.rules import RULES
from compliance.rules.manual import manual

print(manual(RULES.values()), end="")

"""A template filter for names in a sentence; TEMPLATES in registry/settings.py loads it."""

from django import template

from compliance.page.diff import sentences

register = template.Library()

register.filter("join_names", sentences.join_names)

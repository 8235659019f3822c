"""Accounts: roles, second factors, ends of sessions, and settings of django-allauth."""

"""Listings in the admin: their form, bulk edits and one-step actions."""

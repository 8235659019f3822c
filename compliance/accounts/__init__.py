"""Signing in: who must show a second factor, when sessions end, and what allauth leaves to the project."""

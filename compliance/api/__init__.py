"""The read API: what is published, as JSON, from the store alone."""

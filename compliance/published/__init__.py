"""The published store: the frozen files that the public is served, and what can be read from them."""

"""The public site: pages and files of what is published, from the store alone."""

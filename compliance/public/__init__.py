"""The public site: pages, files and feeds, made from the published store alone."""

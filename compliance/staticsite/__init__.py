"""The public site as a folder of static files."""

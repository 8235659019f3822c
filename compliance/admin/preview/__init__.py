"""Show what an edit would change before it is saved."""

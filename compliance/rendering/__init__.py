"""HTML of a page, and of two versions of a page or text with the differences marked."""

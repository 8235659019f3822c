"""A snapshot as HTML, and two versions of a page or text with the differences marked."""

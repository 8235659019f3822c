"""The working copy: the rows that editors edit, never public."""

"""Two people edited one record: show both versions, and let the second one choose."""

"""Two people edited the same thing: show both versions and let the second one choose."""

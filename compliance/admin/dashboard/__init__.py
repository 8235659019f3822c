"""The desk: what waits for whom, and what there is of each register."""

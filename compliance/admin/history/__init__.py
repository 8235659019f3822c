"""History screens: who changed what, when and why."""

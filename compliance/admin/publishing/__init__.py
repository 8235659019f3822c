"""The screens to submit, review, approve, reject and withdraw publications."""

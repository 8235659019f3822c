"""Proof that the record is what was written: database guards, and the verification of the ledger."""

"""The audit of the record: guards in the database, and the verification against the ledger."""

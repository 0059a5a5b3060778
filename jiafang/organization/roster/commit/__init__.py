"""A plan written in one transaction, in bulk."""

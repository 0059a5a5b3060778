"""How phones and the server agree about what was saved (ADR 0018)."""

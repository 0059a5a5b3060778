"""Scoped reads of cases: boards, one case, its line of time."""

"""Scoped reads around visits: the day of a visitor, the brief, the class, the family, the records."""

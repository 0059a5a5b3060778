"""The living style guide: every component with invented data."""

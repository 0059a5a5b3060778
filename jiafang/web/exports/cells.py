"""Text that is safe in any spreadsheet."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula, also after it was saved as CSV and opened again."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text

"""What a file may hold so that no spreadsheet runs it (CWE-1236; ASVS 5.0, 1.2.10)."""

from __future__ import annotations

# New lines and signs of full width to be safe: some are said to read them so; not tried here.
FORMULA_STARTS = ("=", "+", "-", "@", "\0", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain(text: str) -> str:
    """Return a cell's text, with a mark before what would be read as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text

"""The forms of a draft: a part of the document each."""

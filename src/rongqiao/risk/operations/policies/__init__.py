"""Writing credit policies: drafts, proposals, releases by a second person, back-tests."""

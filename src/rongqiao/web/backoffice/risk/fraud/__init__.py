"""The room of fraud: cases, rings, lists, search."""

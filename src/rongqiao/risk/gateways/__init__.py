"""The outside world's sources of facts, each behind one small protocol."""

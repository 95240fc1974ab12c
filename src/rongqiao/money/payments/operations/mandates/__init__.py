"""Standing leave to collect from a party's bank account, given and withdrawn on record."""

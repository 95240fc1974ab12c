"""Rules of each market, as dated data. Pure."""

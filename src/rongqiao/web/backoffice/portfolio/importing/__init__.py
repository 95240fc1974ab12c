"""Taking over a portfolio of another system: files, their faults, two people."""

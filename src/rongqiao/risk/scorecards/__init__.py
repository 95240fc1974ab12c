"""Pure: from a table of past cases to points, reasons and probabilities."""

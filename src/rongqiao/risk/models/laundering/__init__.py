"""Tables of the work against money laundering; all behind one wall."""

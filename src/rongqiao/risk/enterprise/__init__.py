"""Pure: a firm's statements and conduct in, ratings and warnings out."""

"""Lists come in, and customers are held against them."""

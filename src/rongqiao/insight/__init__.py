"""Looking back: figures and advice."""

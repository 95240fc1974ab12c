"""What goes out on paper: cost sheets, agreement texts, signed PDF files."""

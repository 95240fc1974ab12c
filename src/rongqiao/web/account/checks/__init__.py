"""What outside sources are asked about oneself: with consent, free of charge, open to see."""

"""Credit policy as dated data, and the plain facts it judges."""

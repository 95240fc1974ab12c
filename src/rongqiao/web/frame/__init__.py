"""What every page stands in: who may open it, forms, refusals, the request, charts, navigation."""

"""Customers' own bank transfers: noted by one officer, confirmed or rejected by another."""

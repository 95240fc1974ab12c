"""Writes of origination, by stage: applying, deciding, signing, drawing."""

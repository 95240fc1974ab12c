"""Writes of fraud: sightings, rings, lists, cases, rulings on pay-outs."""

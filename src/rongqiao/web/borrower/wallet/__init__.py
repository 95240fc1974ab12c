"""A party's money at the platform: overview, statement, cards, money in and out, auto-debit."""

"""Campaigns, referrals, membership."""

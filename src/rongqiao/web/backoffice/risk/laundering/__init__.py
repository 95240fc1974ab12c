"""The room of compliance: alerts, cases, lists, ratings and reports against money laundering."""

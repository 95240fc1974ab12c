"""Policy, cases, answers, community."""

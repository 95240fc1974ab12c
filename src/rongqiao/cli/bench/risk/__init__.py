"""`rongqiao bench risk`: scorecards and challengers against published floors and peers."""

"""What compliance reads: alerts, cases, lists, reports, ratings. Guarded by the pages that show it.

Nothing here is for anybody else: whoever reports a suspicion may not tell (反洗钱法).
"""

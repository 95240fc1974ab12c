"""The grade at which each agreement of ours was offered."""

from __future__ import annotations

# Every agreement that a loan may stand on and that was applied for here; one that was taken over
# from another lender has no application and no row.
GRADED = """
(SELECT agreement.id AS agreement_id, cause.offered_grade AS grade
 FROM origination_agreement AS agreement
 LEFT JOIN origination_drawing AS drawing ON drawing.id = agreement.drawing_id
 LEFT JOIN origination_creditlimit AS credit ON credit.id = drawing.limit_id
 LEFT JOIN origination_agreement AS frame ON frame.id = credit.agreement_id
 JOIN origination_application AS cause
   ON cause.id = coalesce(agreement.application_id, frame.application_id))
"""

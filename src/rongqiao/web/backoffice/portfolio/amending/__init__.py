"""Running loans changed on the desk: payments put right, other terms, recalls, holds."""

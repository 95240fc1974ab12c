"""Guided steps out of half-known states: each asks again or sends again, none edits anything."""

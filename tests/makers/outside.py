"""Credit policies that read what outside sources tell, released by two."""

from rongqiao.policies.credit.policy import with_outside_sources
from tests.makers.policy_versions import draft_of, in_force, make_analysts, propose, release, save

KINDS = {"judicial.owed": "number", "tax.grade": "text"}


def put_in_force(call, clock, edit=with_outside_sources, code="consumer"):
    """Release a policy as `edit` makes it; return its version's id."""
    one, other = make_analysts(clock)
    draft_id = draft_of(call, one, in_force(code).id)
    save(call, one, draft_id, edit)
    version_id = propose(call, one, draft_id, label=f"{code}-2026-01")
    release(call, other, version_id)
    return version_id


def reading(*names):
    """Return an edit: a policy with a rule on each of these features, which never fires."""

    def edit(document):
        rules = [
            {
                "code": f"rule-{n}",
                "when": f"{name} is missing and amount < 0",
                "outcome": "refer",
                "reason": "was-past-due",
                "facts": {"days": "term-months"},
            }
            for n, name in enumerate(names)
        ]
        features = [
            {"name": name, "type": KINDS[name], "unit": "", "missing": "unknown"} for name in names
        ]
        table = {"code": "read", "title": {"zh": "读", "en": "Read"}, "hit": "collect"}
        tables = [*document["tables"], {**table, "unknown": "skip", "rules": rules}]
        return {**document, "features": [*document["features"], *features], "tables": tables}

    return edit

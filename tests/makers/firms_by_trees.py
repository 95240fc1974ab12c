"""Firms judged by trees: the shipped model released by two, statements, and what was decided."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rongqiao.lending.origination.models import Decision
from rongqiao.lending.origination.operations.applying.submit import Submit, submit
from rongqiao.platform import clock as clocks
from rongqiao.policies.credit.facts import NO_HISTORY
from rongqiao.risk.judging.document import canonical
from rongqiao.risk.operations.enterprise.record_statement import RecordStatement, record_statement
from rongqiao.risk.operations.modelling.deciding import ModelSecondPersonNeeded
from rongqiao.risk.operations.modelling.propose_model import ProposeModel, propose_model
from rongqiao.risk.operations.modelling.release_model import ReleaseModel, release_model
from rongqiao.risk.operations.policies.propose_policy import ProposePolicy, propose_policy
from rongqiao.risk.operations.policies.release_policy import ReleasePolicy, release_policy
from rongqiao.risk.operations.policies.save_draft import SaveDraft, save_draft
from rongqiao.risk.operations.policies.start_draft import StartDraft, start_draft
from rongqiao.risk.queries import recording
from rongqiao.risk.queries.features import statement_features
from rongqiao.risk.queries.modelling import firms
from rongqiao.risk.queries.policies.versions import document_of, list_versions
from rongqiao.risk.scorecards.challenger import Challenger
from tests.makers.journeys import fill_in, make_firm_borrower, make_staff, publish_first_products
from tests.makers.policy_versions import in_force
from tests.risk.enterprise.test_rating import SOUND

WHOLE = {
    **SOUND,
    "depreciation": "400000",
    "retained_earnings": "2500000",
    "fixed_assets": "6000000",
}
FAILING = {
    **WHOLE,
    "revenue": "7000000",
    "receivables": "3000000",
    "current_assets": "4500000",
    "net_profit": "-4000000",
    "operating_profit": "-3800000",
    "ebit": "-3800000",
    "profit_before_tax": "-4000000",
    "retained_earnings": "-5000000",
    "equity": "-2000000",
    "total_liabilities": "12000000",
    "current_liabilities": "11000000",
}


def by_trees():
    """A policy of firms scored by the shipped trees, of which none need be released."""
    sha256 = Challenger.from_json(firms.shipped_model()).sha256
    return firms.policy_by_model(document_of(in_force("business").id), sha256, "by-trees")


def release_trees(call, analysts):
    """Have the model released by two, and a policy of firms in force that is scored by it."""
    first, second = analysts
    publish_first_products(call, make_staff(call))
    asked = ProposeModel(code=firms.CODE, body=firms.shipped_model(), reason="波兰企业")
    made = propose_model(asked, call(actor=first))
    word = ReleaseModel(model_id=made.model_id, sha256=made.sha256, effective_on=call().on)
    with pytest.raises(ModelSecondPersonNeeded):
        release_model(word, call(actor=first))
    release_model(word, call(actor=second))
    now = list_versions("business", call().on)[0]
    document = firms.policy_by_model(document_of(now.id), made.sha256, "business-by-statements")
    put_in_force(call, analysts, document)
    return made.sha256


def put_in_force(call, analysts, document, days=0):
    """Release a policy of firms by two, to hold from so many days on; return its digest."""
    first, second = analysts
    call = later_call(call, days)
    day = call().on
    based_on = list_versions("business", day)[0]
    draft = start_draft(StartDraft(version_id=based_on.id), call(actor=first))
    save = SaveDraft(
        draft_id=draft.draft_id, revision=draft.revision, body=canonical(document).decode()
    )
    saved = save_draft(save, call(actor=first))
    put = propose_policy(
        ProposePolicy(
            draft_id=saved.draft_id,
            revision=saved.revision,
            label=document["label"],
            effective_on=day,
            reason="以报表模型评分",
        ),
        call(actor=first),
    )
    digest = recording.digest_of(canonical(document))
    release_policy(
        ReleasePolicy(version_id=put.version_id, sha256=digest, effective_on=day),
        call(actor=second),
    )
    return digest


def later_call(call, days):
    """Calls of so many business days later."""

    def make(**told):
        made = call(**told)
        return replace(made, on=made.on + timedelta(days=days))

    return make


def judged(call, number, figures):
    """Hand in a firm's application after it stated a year; return the decision's row."""
    borrower = make_firm_borrower(call, number)
    if figures:
        said = RecordStatement(
            party_id=borrower.party_id,
            ends_on=call().on.replace(month=1, day=1) - timedelta(days=1),
            months=12,
            source="firm",
            figures=tuple(sorted(figures.items())),
        )
        record_statement(said, call(actor=borrower.actor))
    application_id = fill_in(call, borrower, "working-capital")
    features = statement_features(borrower.party_id, clocks.now())
    command = Submit(application_id=application_id, history=NO_HISTORY, features=features)
    submit(command, call(actor=borrower.actor))
    return Decision.objects.get(application_id=application_id)

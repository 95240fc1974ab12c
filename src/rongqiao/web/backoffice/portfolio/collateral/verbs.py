"""What two people can do to a pledge, and which of it fits now for who looks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from rongqiao.lending.collateral.operations.acting import DECIDERS, KEEPERS
from rongqiao.lending.collateral.operations.pledging.decide_pledge import (
    DecidePledge,
    decide_pledge,
)
from rongqiao.lending.collateral.operations.releasing.decide_release import (
    DecideRelease,
    decide_release,
)
from rongqiao.lending.collateral.operations.releasing.propose_release import (
    ProposeRelease,
    propose_release,
)
from rongqiao.lending.collateral.queries.pledges import PledgeView
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound
from rongqiao.web.backoffice.finance.acts import PlainForm, ReasonForm, Verb
from rongqiao.web.backoffice.portfolio.collateral.forms import ReleaseForm
from rongqiao.web.frame.access import roles_held


def _agree(pledge: PledgeView, _said: dict[str, Any], call: Call) -> Any:
    return decide_pledge(DecidePledge(pledge_id=pledge.id, word="agree"), call)


def _decline(pledge: PledgeView, said: dict[str, Any], call: Call) -> Any:
    command = DecidePledge(pledge_id=pledge.id, word="decline", reason=said["reason"])
    return decide_pledge(command, call)


def _withdraw(pledge: PledgeView, _said: dict[str, Any], call: Call) -> Any:
    return decide_pledge(DecidePledge(pledge_id=pledge.id, word="withdraw"), call)


def _propose_release(pledge: PledgeView, said: dict[str, Any], call: Call) -> Any:
    command = ProposeRelease(pledge_id=pledge.id, reason=said["reason"], note=said["note"])
    return propose_release(command, call)


def _word_on_release(pledge: PledgeView, word: str, reason: str, call: Call) -> Any:
    if pledge.release is None:
        raise NotFound(what="release")
    command = DecideRelease(release_id=pledge.release.id, word=word, reason=reason)
    return decide_release(command, call)


VERBS = {
    "agree": Verb(
        label=gettext_lazy("同意设立"),
        says=gettext_lazy(
            "押品从现在起按下一顺位担保这笔债务；价值、在先担保和估值日期会再查一次。"
        ),
        run=_agree,
        form=PlainForm,
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("这笔担保不设立，不能再改。"),
        run=_decline,
        form=ReasonForm,
        tone="error",
    ),
    "withdraw": Verb(
        label=gettext_lazy("撤回"),
        says=gettext_lazy("这笔担保不设立，不能再改。"),
        run=_withdraw,
        tone="error",
    ),
    "release": Verb(
        label=gettext_lazy("提出解除"),
        says=gettext_lazy("债务已清偿，或其余押品折后仍足够覆盖，才能解除；须由另一位复核。"),
        run=_propose_release,
        form=ReleaseForm,
    ),
    "release-agree": Verb(
        label=gettext_lazy("同意解除"),
        says=gettext_lazy("担保从现在起解除，不能恢复；债务和其余押品会再查一次。"),
        run=lambda pledge, _said, call: _word_on_release(pledge, "release", "", call),
        form=PlainForm,
        tone="primary",
    ),
    "release-decline": Verb(
        label=gettext_lazy("驳回解除"),
        says=gettext_lazy("担保照旧。"),
        run=lambda pledge, said, call: _word_on_release(pledge, "decline", said["reason"], call),
        form=ReasonForm,
        tone="error",
    ),
    "release-withdraw": Verb(
        label=gettext_lazy("撤回解除"),
        says=gettext_lazy("担保照旧。"),
        run=lambda pledge, _said, call: _word_on_release(pledge, "withdraw", "", call),
        tone="error",
    ),
}


def fitting(request: HttpRequest, one: PledgeView) -> list[str]:
    """Return the verbs that fit a pledge as it stands and the person who looks."""
    held, me = roles_held(request), f"user:{request.user.pk}"
    keeps, decides = bool(held & set(KEEPERS)), bool(held & set(DECIDERS))
    if one.state == "proposed":
        return _of_two(one.proposed_by == me, keeps, decides, ("agree", "decline"), "withdraw")
    if one.state != "agreed":
        return []
    if one.release is None or one.release.state != "waiting":
        return ["release"] if keeps else []
    words = ("release-agree", "release-decline")
    return _of_two(one.release.proposed_by == me, keeps, decides, words, "release-withdraw")


def _of_two(
    is_mine: bool,  # noqa: FBT001 - told apart by name at each call
    keeps: bool,  # noqa: FBT001
    decides: bool,  # noqa: FBT001
    words: tuple[str, ...],
    back: str,
) -> list[str]:
    if is_mine:
        return [back] if keeps else []
    return [*words] if decides else []

"""Sentences for what the room of credit policies may refuse."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

POLICIES: dict[str, Promise] = {
    "risk.policy-role-needed": _("您的角色不能修改或放行信贷政策。"),
    "risk.policy-second-person-needed": _("提出的人不能放行或驳回自己的版本，须由另一位办理。"),
    "risk.not-your-policy": _("只有提出的人可以撤回。"),
    "risk.policy-not-waiting": _("%(label)s 已经办理过，请刷新页面。"),
    "risk.policy-waits": _("%(label)s 正在等待放行：先放行、驳回或撤回它，再提出新的一版。"),
    "risk.policy-reason-needed": _("请写明理由：允许 %(allowed)s 个字。"),
    "risk.policy-backdated": _("生效日「%(value)s」不对：不能早于 %(allowed)s，政策不向前追溯。"),
    "risk.policy-day-taken": _("%(label)s 已定于 %(value)s 生效，请另选一天。"),
    "risk.policy-draft-moved": _(
        "草稿已被别人改到修订 %(revision)s，您看的是修订 %(read)s：请刷新后再改，没有保存。"
    ),
    "risk.policy-draft-closed": _("这份草稿已经提出或放弃，不能再改。"),
    "risk.too-many-drafts": _("打开的草稿已有 %(allowed)s 份，请先放弃不用的。"),
    "risk.policy-unreadable": _("内容有误（%(field)s）：%(value)s"),
    "risk.policy-test-fails": _(
        "测试案例「%(name)s」与预期不符：%(field)s 预期 %(allowed)s，实际 %(value)s。"
    ),
    "risk.policy-model-unknown": _("本平台没有已放行的模型 %(value)s…，这一版不能审批任何申请。"),
    "risk.policy-challenger-unknown": _("本平台没有这一版所用的挑战者策略（%(value)s…）。"),
    "risk.policy-unchanged": _("与起草的那一版逐字相同，没有什么可提出。"),
    "risk.policy-label-needed": _("请填写版本名称：允许 %(allowed)s 个字。"),
    "risk.policy-differs": _("内容与您看到的不一致，没有放行。请刷新后重新核对。"),
    "risk.policy-never-in-force": _("%(label)s 从未放行，不能回退到它。"),
    "risk.policy-already-in-force": _("%(label)s 那一天正在生效，内容相同，不需要回退。"),
    "risk.policy-nothing-in-force": _("这条策略没有生效的版本，无从比较。"),
    "risk.policy-backtest-unfit": _("「%(value)s」不对：允许 %(allowed)s。"),
    "risk.plan-role-needed": _("您的角色不能提出或放行投放方案。"),
    "risk.plan-second-person-needed": _("提出的人不能放行或驳回自己的方案，须由另一位办理。"),
    "risk.not-your-plan": _("只有提出的人可以撤回方案。"),
    "risk.plan-not-waiting": _("第 %(number)s 号方案已经办理过，请刷新页面。"),
    "risk.plan-unreadable": _("方案有误，没有提交：「%(value)s」读不懂或超出范围，请改正。"),
    "risk.plan-over-bound": _(
        "方案超出界限，没有提交：「%(value)s」，允许 %(allowed)s。请改正或重新试算。"
    ),
    "risk.plan-months-past": _("方案的月份到 %(value)s 已经过去，请选以后的月份。"),
    "risk.plan-months-taken": _(
        "第 %(number)s 号方案已放行于 %(first)s 至 %(last)s，月份与这一份部分重叠："
        "只有月份完全相同的方案才能取代它。"
    ),
}

"""Sentences for what security for a loan and the rooms of risk may refuse."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COLLATERAL: dict[str, Promise] = {
    "collateral.role-needed": _("您的角色不能办理抵押物和担保。"),
    "collateral.own-affair": _("您与押品或借款的当事人有关联，须由其他人办理。"),
    "collateral.second-person-needed": _("提出的人不能复核，也只有提出的人可以撤回。"),
    "collateral.words-needed": _("填写的内容「%(value)s」不对：允许 %(allowed)s。"),
    "collateral.decided": _("这一步已经办理过，请刷新页面。"),
    "collateral.retired": _("这件押品已经注销，不能再办理。"),
    "collateral.bad-particular": _("这一项没有填写，或填写得不对。允许：%(allowed)s。"),
    "collateral.vin": _(
        "车辆识别代号不对：应为 17 位，不使用字母 I、O、Q，第 9 位是校验位，请逐位核对。"
    ),
    "collateral.plate": _("车牌号不对：请按行驶证填写，如 京A12345。"),
    "collateral.guarantor-number": _("保证人的证件号码不对：请填写身份证号或统一社会信用代码。"),
    "collateral.known": _("这件押品已经登记，编号 %(number)s：请在它名下设立顺位在后的担保。"),
    "collateral.in-use": _("这件押品还有设立中或生效的担保，不能注销。"),
    "collateral.valuation-out-of-order": _(
        "估值日「%(value)s」不对：不能早于上一次估值，也不能晚于今天（%(allowed)s）。"
    ),
    "collateral.report-refused": _(
        "这个文件不能用：只接受清晰的 JPG、PNG 图片或 PDF，不超过 20 MB。"
    ),
    "collateral.valued-above-face": _("估值不能高于凭证金额 %(allowed)s 元。"),
    "collateral.case-over": _("%(number)s 已经终止，没有需要担保的债务。"),
    "collateral.pledge-stands": _("这件押品已经为同一笔业务设立担保，或正在等待复核。"),
    "collateral.ended": _("这件押品已于 %(value)s 到期，不能再设立担保。"),
    "collateral.valuation-stale": _("没有有效的估值：估值须在 %(allowed)s 天之内。请先重新估值。"),
    "collateral.beyond-free-value": _(
        "担保金额超过可用余值：现在最多 %(allowed)s 元。确要超过的，请明确选择并由另一位复核。"
    ),
    "collateral.still-needed": _(
        "还不能解除：尚有债务 %(debt)s 元，解除后其余押品只能覆盖 %(left)s 元。"
    ),
    "collateral.release-waits": _("这笔担保的解除正在等待复核。"),
    "collateral.rule-waits": _("这一类押品已有一版参数等待复核。"),
}

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
    "risk.policy-model-unknown": _("本平台没有这一版所用的模型（%(value)s…），不能运行测试案例。"),
    "risk.policy-unchanged": _("与起草的那一版逐字相同，没有什么可提出。"),
    "risk.policy-label-needed": _("请填写版本名称：允许 %(allowed)s 个字。"),
    "risk.policy-differs": _("内容与您看到的不一致，没有放行。请刷新后重新核对。"),
    "risk.policy-never-in-force": _("%(label)s 从未放行，不能回退到它。"),
    "risk.policy-already-in-force": _("%(label)s 那一天正在生效，内容相同，不需要回退。"),
    "risk.policy-nothing-in-force": _("这条策略没有生效的版本，无从比较。"),
    "risk.policy-backtest-unfit": _("「%(value)s」不对：允许 %(allowed)s。"),
}

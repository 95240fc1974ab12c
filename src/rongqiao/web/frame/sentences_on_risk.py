"""Sentences for what security for a loan and inquiries at outside sources may refuse."""

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

INQUIRIES: dict[str, Promise] = {
    "risk.consent-missing": _("没有您的授权，不能查询。请先阅读并同意授权书。"),
    "risk.source-not-for-party": _("这个来源不适用于当前身份，没有查询。"),
    "risk.element-missing": _("还缺少查询所需的信息（%(field)s），没有查询。"),
    "risk.inquiry-ended": _("这次查询已有结果，不能再改。"),
    "risk.look-reason-needed": _("请写明查看完整内容的理由，4 至 %(allowed)s 个字。"),
    "risk.own-answer": _("不能以工作身份查看关于本人或本人企业的查询内容。"),
}

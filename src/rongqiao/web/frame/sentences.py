"""One sentence per refusal code: what was wrong, with the value, and what is allowed.

`%(name)s` are the refusal's facts. A test holds that every refusal of the platform has one.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PLATFORM: dict[str, Promise] = {
    "platform.not-found": _("没有找到您要的内容。"),
    "platform.key-reused": _(
        "这张表单已经提交过，内容与上次不同，为避免重复操作没有再次办理。请刷新页面后重试。"
    ),
}

PARTIES: dict[str, Promise] = {
    "parties.identifier": _("「%(value)s」不对，请核对后重新填写。"),
    "parties.resident-id-length": _("身份证号「%(value)s」位数不对：应为 18 位（旧证 15 位）。"),
    "parties.resident-id-characters": _(
        "身份证号「%(value)s」含有不允许的字符：只能是数字，最后一位可以是 X。"
    ),
    "parties.resident-id-region": _("身份证号「%(value)s」的前两位不是任何省份的代码，请核对。"),
    "parties.resident-id-birth-date": _(
        "身份证号「%(value)s」中的出生日期不存在或晚于今天，请核对第 7 至 14 位。"
    ),
    "parties.resident-id-check-digit": _("身份证号「%(value)s」的最后一位校验码不符，请逐位核对。"),
    "parties.uscc-length": _("统一社会信用代码「%(value)s」位数不对：应为 18 位。"),
    "parties.uscc-characters": _(
        "统一社会信用代码「%(value)s」含有不允许的字符：不使用字母 I、O、S、V、Z，"
        "第 3 至 8 位是数字。"
    ),
    "parties.uscc-check-digit": _(
        "统一社会信用代码「%(value)s」的最后一位校验码不符，请逐位核对。"
    ),
    "parties.phone-form": _("手机号「%(value)s」不对：请填写 11 位中国大陆手机号。"),
    "parties.bank-card-form": _("卡号「%(value)s」不对：应为 13 至 19 位数字。"),
    "parties.corporate-account-form": _("账号「%(value)s」不对：应为 8 至 32 位数字。"),
    "parties.name-form": _("姓名「%(value)s」不对：请填写 2 至 50 个字的姓名，不含数字和符号。"),
    "parties.organization-name-form": _(
        "企业名称「%(value)s」不对：请填写 4 至 120 个字，与营业执照一致。"
    ),
    "parties.not-yours": _("没有找到您要的内容。"),
    "parties.identity-in-use": _("这个身份证号不能登记。如果这是您本人的证件，请联系客服核实。"),
    "parties.already-identified": _("您已经完成实名登记，不需要再次登记。"),
    "parties.under-age": _("年满 %(allowed)s 周岁才能登记。"),
    "parties.identity-needed": _("请先完成本人的实名登记，再登记企业。"),
    "parties.organization-in-use": _("这家企业不能登记。如果您代表这家企业，请联系客服核实。"),
    "parties.holder-differs": _("户名与登记的名称不一致：只能添加本人或本企业的账户。"),
    "parties.bank-account-in-use": _("这个银行账户不能添加。如果这是您的账户，请联系客服核实。"),
    "parties.bank-name-needed": _("请填写开户银行，1 至 %(allowed)s 个字。"),
    "parties.unknown-consent": _("这份协议没有「%(version)s」这个版本，请刷新页面后重试。"),
    "parties.consent-not-given": _("您还没有这项授权，不需要撤回。"),
    "parties.consent-not-withdrawable": _(
        "这份协议是使用账户的前提，不能单独撤回；如需终止请注销账户。"
    ),
    "parties.phone-in-use": _("这个手机号不能使用，请换一个。"),
    "parties.administrator-needed": _("只有管理员可以办理角色授权。"),
    "parties.own-role": _("不能为自己授予、确认或撤销角色。"),
    "parties.unknown-role": _("没有「%(value)s」这个角色；可以授予的角色：%(allowed)s。"),
    "parties.roles-conflict": _("「%(role)s」不能与已有的「%(held)s」由同一人担任。"),
    "parties.role-there": _("这个角色已经授予或正在等待确认。"),
    "parties.another-administrator-needed": _("角色须由另一位管理员确认。"),
    "parties.grant-not-open": _("这项授权已经处理过了。"),
    "parties.already-appointed": _("平台已经有管理员，新的管理员须由现任管理员授权。"),
    "parties.two-people-needed": _("首任管理员须由系统指定两位不同的人。"),
}

PAYMENTS: dict[str, Promise] = {
    "payments.finance-officer-needed": _("只有财务人员可以登记和确认资金。"),
    "payments.another-person-needed": _(
        "登记人不能确认或驳回自己登记的款项，须由另一位财务人员办理。"
    ),
    "payments.own-affair": _("您与这笔款项的当事人有关联，须由其他财务人员办理。"),
    "payments.not-open": _("这笔款项已经处理过了。"),
    "payments.amount": _("金额「%(value)s」不对：允许 %(allowed)s 元。"),
    "payments.bank-serial": _(
        "银行流水号「%(value)s」不对：请填写 %(allowed)s 位字母、数字或连字符。"
    ),
    "payments.bank-serial-used": _("银行流水号「%(value)s」已经登记过，不能重复登记。"),
    "payments.reason-needed": _("请填写理由，最多 %(allowed)s 个字。"),
    "payments.payer": _("请填写付款人，最多 %(allowed)s 个字。"),
    "payments.not-yet-received": _("到账日期「%(value)s」不对：不能晚于 %(allowed)s。"),
    "payments.source-needed": _("请填写资金来源，最多 %(allowed)s 个字。"),
}

SENTENCES: dict[str, Promise] = {**PLATFORM, **PARTIES, **PAYMENTS}

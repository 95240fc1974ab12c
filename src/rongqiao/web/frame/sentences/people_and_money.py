"""Sentences for refusals of the platform, of parties and of money.

`%(name)s` are the refusal's facts.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PLATFORM: dict[str, Promise] = {
    "platform.not-found": _("没有找到您要的内容。"),
    "platform.unreadable-text": _("文字里有无法保存的字符，请删去后再提交。"),
    "platform.key-reused": _(
        "这张表单已经提交过，内容与上次不同，为避免重复操作没有再次办理。请刷新页面后重试。"
    ),
    "web.shown-for-another-party": _(
        "这张表单是为 %(shown_for)s 打开的，您现在代表 %(acting)s。没有办理，也没有任何变动。"
    ),
    "web.shown-for-no-party": _(
        "这张表单没有写明代表谁，您现在代表 %(acting)s。没有办理，也没有任何变动。"
        "请重新打开页面再提交。"
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
    "parties.account-unverified": _("还没有核验这个账户属于谁，不能添加。请先完成核验。"),
    "parties.account-differs": _(
        "银行卡核验的结果：账号与登记的姓名、证号不一致，或查无此账号。只能添加本人或本企业的账户。"
    ),
    "parties.bank-name-needed": _("请填写开户银行，1 至 %(allowed)s 个字。"),
    "parties.unknown-consent": _("这份协议没有「%(version)s」这个版本，请刷新页面后重试。"),
    "parties.consent-not-given": _("您还没有这项授权，不需要撤回。"),
    "parties.consent-not-withdrawable": _(
        "这份协议是使用账户的前提，不能单独撤回；如需终止请注销账户。"
    ),
    "parties.step-up-too-often": _("验证太频繁：每小时最多 %(allowed)s 次，请稍后再试。"),
    "parties.step-up-needed": _("没有办理：请重新验证身份后再试。"),
    "parties.email-too-often": _("更换邮箱太频繁：每小时最多 %(allowed)s 次，请稍后再试。"),
    "parties.email-in-use": _("这个邮箱不能使用，请换一个。"),
    "parties.email-only-way-in": _("邮箱是您唯一的登录方式，不能移除；可以更换为另一个邮箱。"),
    "parties.phone-in-use": _("这个手机号不能使用，请换一个。"),
    "parties.administrator-needed": _("只有管理员可以办理角色授权。"),
    "parties.own-role": _("不能为自己授予、确认或撤销角色。"),
    "parties.unknown-role": _("没有「%(value)s」这个角色；可以授予的角色：%(allowed)s。"),
    "parties.roles-conflict": _("「%(role)s」不能与已有的「%(held)s」由同一人担任。"),
    "parties.role-there": _("这个角色已经授予或正在等待确认。"),
    "parties.another-administrator-needed": _("角色须由另一位管理员确认。"),
    "parties.grant-not-open": _("这项授权已经处理过了。"),
    "parties.already-appointed": _("平台已经有管理员，新的管理员须由现任管理员授权。"),
    "parties.owners-needed": _(
        "请至少填写一位受益所有人；没有人持股、表决或控制的，填写负责日常经营管理的人。"
    ),
    "parties.owners-too-many": _("受益所有人最多填写 %(allowed)s 位。"),
    "parties.owner-share": _("比例「%(value)s%%」不对：应在 0.01%% 到 100%% 之间。"),
    "parties.owner-share-small": _(
        "按持股或按收益权、表决权申报的，比例须达到 25%%；不到的，如果实际控制企业，请选实际控制。"
    ),
    "parties.owners-over-whole": _("合计 %(value)s%%，超过了 100%%，请核对各人的比例。"),
    "parties.owner-twice": _("这个身份证号填了两次，每人只填一行。"),
    "parties.owner-since": _("起始日期不对：不能晚于今天，也不能早于其出生日期。"),
    "parties.owner-control": _("「%(value)s」不在可选的情形之中，请从列出的选项中选择。"),
    "parties.owner-stands-alone": _(
        "日常经营管理人和国有企业的法定代表人，只在没有其他情形的人时申报，不能与其他情形同时填写。"
    ),
    "parties.owner-representative": _(
        "国有独资、国有控股企业只申报法定代表人一位，证件号码须与登记的一致。"
    ),
    "parties.owners-declared-meanwhile": _(
        "同事刚刚申报了新的版本，这张表单没有保存。请刷新页面，看过现在的内容后再改。"
    ),
    "parties.not-by-users": _("账户须由本人验证手机号或邮箱后开立。"),
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
    "payments.currency": _("账簿只记人民币：「%(value)s」不能办理，允许 %(allowed)s。"),
    "payments.card-not-bound": _(
        "这张银行卡还没有在存管银行绑定成功，暂时不能使用。请在银行卡页面查看原因。"
    ),
    "payments.card-too-new": _("新绑定的银行卡 24 小时内不能收款，最早可提现时间：%(from)s。"),
    "payments.card-swapped": _("更换银行卡后 24 小时内不能提现，最早可提现时间：%(from)s。"),
    "payments.mandate-needed": _("没有这张银行卡的代扣授权，或授权已经撤回。"),
    "payments.mandate-cap": _("代扣金额 %(value)s 元超过授权：现在最多可扣 %(allowed)s 元。"),
    "payments.debit-underway": _("同一笔款项的代扣 %(number)s 还没有结束，不能再次发起。"),
    "payments.event-reused": _("银行通知「%(value)s」与先前收到的内容不同，没有办理。"),
    "payments.day-not-over": _(
        "%(value)s 还没有结束，银行还给不出这一天完整的对账单。"
        "现在最晚可以办理 %(allowed)s 的对账单。"
    ),
    "payments.statement-unreadable": _("没有读到文件内容，请重新选择对账单文件。"),
    "payments.break-not-open": _("这笔差错已经处理到别的步骤，请刷新页面。"),
    "payments.mend-unfit": _("这笔差错现在不能这样处理。可以选择的处理方式：%(allowed)s。"),
    "payments.mend-party-needed": _("请选择这笔款项属于哪位客户。"),
    "payments.mend-journal": _(
        "凭证「%(value)s」不是这笔款项的凭证，或已经冲正，请填写这笔款项的凭证号。"
    ),
    "payments.mend-failed": _("这笔指令不能按银行所说的办理（%(value)s），请先向银行查询。"),
    "payments.mend-not-undoable": _("这项处理已经发往银行或本身就是冲正，不能撤销，请另行处理。"),
    "payments.credit-placed": _("这笔来款已由差错 %(number)s 处理，不能重复入账。"),
    "payments.credit-differs": _(
        "银行对账单上这个流水号的金额是 %(allowed)s 元，与「%(value)s」不同，不能确认。"
    ),
    "payments.serial-of-another": _("银行流水号「%(value)s」属于另一笔指令，没有登记。"),
    "payments.step-up-needed": _(
        "没有办理：这笔提现需要重新验证身份。验证只用于一笔，金额或银行卡改变后请重新验证。"
    ),
    "payments.source-needed": _("请填写资金来源，最多 %(allowed)s 个字。"),
    "payments.transfer-direction": _("方向「%(value)s」不对：允许 %(allowed)s。"),
    "payments.transfer-reason": _("请填写转账事由，最多 %(allowed)s 个字。"),
    "payments.own-funds-short": _(
        "没有办理：存管户内可转出的自有资金是 %(allowed)s 元，不足 %(value)s 元。"
    ),
}

LEDGER: dict[str, Promise] = {
    "ledger.insufficient-funds": _(
        "账户可用余额 %(available)s 元，不足以支付 %(wanted)s 元。请先充值。"
    ),
    "ledger.unknown-account": _("没有这个账户。"),
    "ledger.key-reused": _("这笔分录已经记过，内容与上次不同，没有再次记账。"),
    "ledger.already-reversed": _("这笔分录已经冲销过了。"),
    "ledger.reversal-of-reversal": _("冲销分录不能再冲销，请按实际业务重新记账。"),
    "ledger.unknown-journal": _("没有这笔分录。"),
    "ledger.unbalanced": _("这笔分录借贷不平，没有记账。"),
    "ledger.amount-out-of-range": _("金额超出账簿能记的范围：须大于 0 且不超过十万亿元。"),
    "ledger.balance-out-of-range": _("记账后余额会超出账簿能记的范围，没有记账。"),
    "ledger.unknown-hold": _("没有这笔冻结。"),
    "ledger.hold-ended": _("这笔冻结已经结束。"),
    "ledger.hold-expired": _("这笔冻结已经到期。"),
    "ledger.more-than-held": _("冻结金额 %(held)s 元，不能划扣 %(wanted)s 元。"),
    "ledger.account-differs": _("这个科目代码已用于另一类账户。"),
    "ledger.currency": _("账户 %(account)s 的币种是 %(currency)s，不能记 %(given)s 的金额。"),
    "ledger.never-held": _("这类账户不能冻结金额。"),
    "ledger.weights": _("分配比例不对：每个账户一个比例，不小于 0，且不能全部为 0。"),
    "ledger.unknown-family": _("科目表里没有这类账户。"),
    "ledger.period-closed": _("会计期间 %(period)s 已关账，不能再记入这一期间。"),
    "ledger.finance-officer-needed": _("只有财务人员可以关账、填制凭证和调整科目。"),
    "ledger.another-person-needed": _("提出人不能批准自己提出的事项，须由另一位财务人员办理。"),
    "ledger.not-yours": _("只有填制人本人可以修改或撤回。"),
    "ledger.not-waiting": _("这一步已经办理过了，请刷新页面查看最新状态。"),
    "ledger.reason-needed": _("请填写说明，1 至 %(allowed)s 个字。"),
    "ledger.period": _("会计期间「%(value)s」不对：请选择一个月份。"),
    "ledger.period-state": _("会计期间 %(period)s 的状态已经变化，请刷新页面后再办理。"),
    "ledger.period-out-of-order": _("会计期间须按月依次办理，请先处理 %(period)s。"),
    "ledger.period-not-over": _("会计期间 %(period)s 尚未结束：当前业务日期为 %(value)s。"),
    "ledger.period-laws-broken": _("账簿检查有 %(count)s 项不通过（%(law)s），不能关账。"),
    "ledger.period-not-sealed": _("还有 %(count)s 笔分录等待封存，请稍候片刻再关账。"),
    "ledger.period-breaks-open": _("还有 %(count)s 笔对账差异没有处理完，不能关账。"),
    "ledger.books-busy": _("账簿正忙，没有办理成功，请稍后再试。"),
    "ledger.manual-legs": _("一张凭证须有 %(allowed)s 行分录。"),
    "ledger.manual-leg": _("科目「%(account)s」的金额不对：借贷只填一方，允许 %(allowed)s 元。"),
    "ledger.manual-account": _(
        "科目「%(account)s」不能手工记账：客户资金、存管资金和贷款余额只随业务变动。"
    ),
    "ledger.manual-not-balanced": _("借方合计 %(debits)s 元，贷方合计 %(credits)s 元，借贷不平。"),
    "ledger.manual-value-date": _(
        "记账日期「%(value)s」不对：须在未关账的期间内，且不晚于当前业务日期。"
    ),
    "ledger.manual-changed-meanwhile": _("这张凭证在您打开之后被修改过，请重新核对。"),
    "ledger.manual-reversal-there": _("这张凭证已经冲销或正在冲销（%(number)s）。"),
    "ledger.mapping-line": _("科目表里没有「%(value)s」，或这类账户不分产品核算。"),
    "ledger.mapping-code": _("会计科目代码「%(value)s」不对：须为准则科目或其明细，且类别相符。"),
    "ledger.mapping-date": _(
        "生效日期「%(value)s」不对：已关账期间的科目不能再变（%(allowed)s）。"
    ),
    "ledger.mapping-there": _("这一科目自 %(value)s 起已有设定或待批准的设定。"),
}

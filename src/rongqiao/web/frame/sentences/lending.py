"""Sentences for refusals of lending.

`%(name)s` are the refusal's facts.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PRODUCTS: dict[str, Promise] = {
    "products.role-needed": _("您的角色不能修改产品。"),
    "products.second-person-needed": _("起草人不能发布自己起草的版本，须由另一位办理。"),
    "products.bad-terms": _("产品条款「%(field)s」的值「%(value)s」不对：允许 %(allowed)s。"),
    "products.category-differs": _("这个产品属于另一类别：%(allowed)s。"),
    "products.drafted-meanwhile": _("刚刚有人起草了这个产品的新版本，请刷新后再看。"),
    "products.not-a-draft": _("这个版本不是草稿，不能发布。"),
    "products.forbidden-by-pack": _(
        "平台的经营资质不允许「%(field)s」为「%(value)s」：允许 %(allowed)s（%(rule)s）。"
    ),
    "products.above-cap": _(
        "综合年化成本最高可达 %(value)s，超过上限 %(allowed)s（%(rule)s），不能发布。"
    ),
    "products.no-schedule": _("按「%(field)s」为「%(value)s」排不出还款计划：允许 %(allowed)s。"),
}

ORIGINATION: dict[str, Promise] = {
    "origination.step-not-drawn": _(
        "这笔申请的状态已经变化，不能再做这一步。请刷新页面查看最新进度。"
    ),
    "origination.role-needed": _("您的角色不能办理审批。"),
    "origination.own-affair": _("您与这笔申请的当事人有关联，须由其他人办理。"),
    "origination.second-person-needed": _("这笔申请须由另一位复审人员批准。"),
    "origination.reason-needed": _("请填写理由：%(allowed)s。"),
    "origination.taken-by-another": _("这笔申请已由另一位审核人员领取。"),
    "origination.override-reason-needed": _("这个决定与系统意见不同，请选择理由。"),
    "origination.not-a-reviewer": _("请选择另一位有初审角色的人员。"),
    "origination.documents-asked-already": _(
        "已向申请人要过材料，最迟 %(allowed)s；请先收回，或等材料到齐。"
    ),
    "origination.no-documents-asked": _("现在没有在等的材料。"),
    "origination.bad-due-day": _("「%(value)s」不对：最迟提交日须在 %(allowed)s 之间。"),
    "origination.document-not-asked": _("审核人员没有要求这种材料，或已经不再需要。"),
    "origination.decided-by-a-person": _("这个结论已经由人审核作出，不能再要求人工复核。"),
    "origination.bad-words": _("说明太长或含有不能保存的字符：最多 %(allowed)s 个字。"),
    "origination.not-assigned": _("请先领取这笔申请再审核。"),
    "origination.bad-offer": _("「%(value)s」不对：允许 %(allowed)s。"),
    "origination.bad-answer": _("「%(value)s」不对：允许 %(allowed)s。"),
    "origination.document-refused": _(
        "这个文件不能用：只接受清晰的 JPG、PNG 图片或 PDF，不超过 20 MB。"
    ),
    "origination.kind-not-served": _("这个产品不面向当前主体，请切换主体或选择其他产品。"),
    "origination.too-many-drafts": _("未提交的申请最多保留 %(allowed)s 份，请先提交或撤回一份。"),
    "origination.not-complete": _("还有内容没有填完，请按清单补齐后再提交。"),
    "origination.product-withdrawn": _("这个产品已经停止办理，请另选产品重新申请。"),
    "origination.too-soon-again": _("上次申请未通过，%(allowed)s 起可以再次申请。"),
    "origination.feature-too-late": _(
        "信息「%(value)s」的取得时间晚于审批时间，不能用于本次审批。请稍后重新提交。"
    ),
    "origination.offer-ended": _("审批结果的有效期到 %(allowed)s 为止，已经过期。请重新申请。"),
    "origination.already-lent": _("款项已经发放或额度已经生效，不能撤回；如需结束请还清。"),
    "origination.read-first": _(
        "请先阅读明示表：还需 %(seconds)s 秒才能确认（共 %(allowed)s 秒）。"
    ),
    "origination.security-lacking": _(
        "这个产品要求先办妥担保：担保折后至少覆盖 %(needed)s 元，现在为 %(standing)s 元。"
        "请联系我们办理，担保设立后再签署。"
    ),
    "origination.sheet-not-confirmed": _("请先阅读并确认综合融资成本明示表，再签署合同。"),
    "origination.sheet-outdated": _(
        "明示表是 %(value)s 的，条件或日期已经变化，请重新打开今天的明示表。"
    ),
    "origination.above-cap": _("综合年化成本 %(value)s 超过上限 %(allowed)s，依法不能签订。"),
    "origination.no-schedule": _("按「%(value)s」排不出还款计划：允许 %(allowed)s。"),
    "origination.not-to-be-lent": _("这份合同已取消或已放款。"),
    "origination.copy-not-ours": _("这份文件没有平台的完整签名。"),
    "origination.bad-drawing": _("「%(value)s」不对：允许 %(allowed)s。"),
    "origination.limit-ended": _("额度有效期到 %(allowed)s 为止，已经不能提款。"),
    "origination.more-than-available": _("可用额度 %(allowed)s 元，不能提取 %(value)s 元。"),
    "origination.not-proposed": _("这笔提款已经签署或取消，请到额度页面查看。"),
    "origination.cut-out-of-bounds": _(
        "额度不能调减为 %(value)s 元：须低于现有额度，且不低于使用中的金额，即 %(allowed)s 元。"
    ),
    "origination.first-draw-out-of-range": _(
        "首次放款金额「%(value)s」不对：允许 %(allowed)s 元。"
    ),
    "origination.cut-reason-unknown": _("调减原因「%(value)s」不对：允许 %(allowed)s。"),
    "origination.overdue-first": _("您有借款逾期 %(days)s 天，请先还清逾期部分再提款。"),
    "origination.concentration-reached": _(
        "暂时不能签署或提取：平台对单一借款人及其关联方、行业、地区和产品的放款总额设有上限，这笔金额会超出。"
        "您没有被扣费；请减少金额，或过些日子再试。"
    ),
    "origination.concentration-waits": _("这项限额已有一个变更等待复核，请先办理。"),
    "origination.bad-concentration": _("「%(value)s」不对：允许 %(allowed)s。"),
    "origination.concentration-decided": _("这项限额变更已经办理过了。"),
    "origination.concentration-second-person-needed": _(
        "限额变更须由提出人以外的另一位复核；只有提出人可以撤回。"
    ),
}

SERVICING: dict[str, Promise] = {
    "servicing.amount-not-positive": _("还款金额须大于 0。"),
    "servicing.already-paid": _("没有需要偿还的金额：这一期或这笔借款已经还清。"),
    "servicing.more-than-owed": _(
        "还款金额 %(value)s 元多于现在应还的 %(owed)s 元。"
        "要还未到期的部分，请用部分提前还款或提前结清。"
    ),
    "servicing.due-changed": _(
        "应还金额已经变化：您看到的是 %(expected)s 元，现在是 %(owed)s 元。"
    ),
    "servicing.not-yet-due": _(
        "第 %(no)s 期 %(due_on)s 才到期。要提前还，请用部分提前还款或提前结清。"
    ),
    "servicing.quote-date-out-of-range": _("结清日期「%(value)s」不对：允许 %(allowed)s。"),
    "servicing.no-early-payoff": _("这笔借款不能提前结清，到期日是 %(matures_on)s。"),
    "servicing.quote-not-for-today": _(
        "这份报价只在 %(valid_on)s 当天有效，请重新获取今天的报价。"
    ),
    "servicing.quote-changed": _("报价之后应还金额有变化，现在是 %(total)s 元，请重新获取报价。"),
    "servicing.no-part-prepayment": _("这笔借款不能部分提前还款，可以提前结清。"),
    "servicing.pay-due-first": _("请先还清今天应还的 %(owed)s 元，再提前还款。"),
    "servicing.prepayment-out-of-range": _(
        "提前还本金「%(value)s」不对：允许 %(allowed)s 元；要全部还清，请用提前结清。"
    ),
    "servicing.quote-used": _("这份报价已经用过，请重新获取报价。"),
    "servicing.nothing-to-draw": _("这笔借款没有可以再提取的款项。"),
    "servicing.draw-not-by-method": _("这笔借款不按剩余本金计息，还款计划不能再并入一笔提款。"),
    "servicing.draw-too-late": _("提取期限已过：最迟提取日是 %(last_on)s。"),
    "servicing.draws-used-up": _("提取次数已经用完：连首次放款最多 %(most)s 次。"),
    "servicing.draw-after-paying": _("您有到期未还的款项，请先还清，再提取借款。"),
    "servicing.draw-while-held": _("您名下的借款已暂停办理，暂时不能提取。"),
    "servicing.draw-while-aside": _("这笔借款正在核对，核对完成后即可提取。"),
    "servicing.draw-while-changing": _(
        "这笔借款正在办理变更、还款更正或提前到期，办结之前不能提取。"
    ),
    "servicing.draw-while-watched": _("这笔借款因财务困难重组过，观察期内不能提取。"),
    "servicing.draw-out-of-range": _("提取金额「%(value)s」不对：允许 %(allowed)s 元。"),
    "servicing.draw-quote-changed": _("报价之后还款计划有变化，请重新获取报价。"),
    "servicing.choice-not-offered": _("没有「%(value)s」这种还法：允许 %(allowed)s。"),
    "servicing.waiver-role-needed": _("您的角色不能办理这笔减免。"),
    "servicing.waiver-own-affair": _("您与这笔借款有关联，减免须由其他人办理。"),
    "servicing.waiver-second-person-needed": _("提出减免的人不能批准，须由另一位办理。"),
    "servicing.waiver-unfit": _("减免金额「%(value)s」不对：允许 %(allowed)s 元。"),
    "servicing.waiver-waits": _("这笔借款已有一笔减免等待复核。"),
    "servicing.waiver-reason-needed": _("请填写减免理由：允许 %(allowed)s 个字。"),
    "servicing.waiver-not-waiting": _("这笔减免已经办理过，请刷新页面。"),
    "servicing.not-your-waiver": _("只有提出人可以撤回减免。"),
    "servicing.correction-role-needed": _("您的角色不能办理这笔还款更正。"),
    "servicing.correction-own-affair": _("您与这笔借款有关联，还款更正须由其他人办理。"),
    "servicing.correction-second-person-needed": _("提出更正的人不能批准，须由另一位办理。"),
    "servicing.correction-waits": _("这笔借款已有一笔还款更正等待复核。"),
    "servicing.correction-reason-needed": _("请填写更正理由：允许 %(allowed)s 个字。"),
    "servicing.correction-cause-unknown": _("冲正原因「%(value)s」不对：允许 %(allowed)s。"),
    "servicing.correction-not-waiting": _("这笔还款更正已经办理过，请刷新页面。"),
    "servicing.correction-changed": _("更正的结果与您看到的不同了，请刷新页面后再决定。"),
    "servicing.correction-loan-ended": _("这笔借款已结清或已核销，不能再更正还款。"),
    "servicing.not-your-correction": _("只有提出人可以撤回还款更正。"),
    "servicing.loan-not-replayed": _(
        "这笔借款不能按记录逐日重算，或此后的提前还本以这笔还款为前提，因此不能更正。"
    ),
    "servicing.payment-not-there": _("没有这笔还款，或它已经被冲正。"),
    "servicing.payment-of-drawing": _("额度借款的已还本金可能已再次使用，还款不能冲正。"),
    "servicing.value-date-out-of-range": _(
        "起算日「%(value)s」不对：须在放款之后、今天之前，且所在月份未关账（%(allowed)s）。"
    ),
    "servicing.more-than-was-owed": _("金额「%(value)s」不对：当天应还只允许 %(allowed)s 元。"),
    "servicing.change-role-needed": _("您的角色不能办理这次变更。"),
    "servicing.change-own-affair": _("您与这笔借款有关联，变更须由其他人办理。"),
    "servicing.change-second-person-needed": _("提出变更的人不能批准，须由另一位办理。"),
    "servicing.change-waits": _("这笔借款已有一次变更等待复核。"),
    "servicing.change-words-needed": _(
        "请填写申请书编号、变更理由，重组还要财务困难证明材料编号：允许 %(allowed)s 个字。"
    ),
    "servicing.change-unknown": _("「%(value)s」不对：允许 %(allowed)s。"),
    "servicing.change-not-waiting": _("这次变更已经办理过，请刷新页面。"),
    "servicing.not-your-change": _("只有提出人可以撤回变更。"),
    "servicing.change-quote-changed": _(
        "变更的结果与您看到的不同了，现在应还合计 %(total)s 元。请刷新页面后再决定。"
    ),
    "servicing.terms-not-changeable": _(
        "这笔借款现在不能这样变更：须没有到期未还的款项（重组除外）、不在日终结账中、"
        "不在重组观察期内（再次重组除外）、没有已通知的提前到期，且还款计划按整月、"
        "月数适合这种变更方式。"
    ),
    "servicing.recall-words-needed": _("请填写违约证据编号和说明：允许 %(allowed)s 个字。"),
    "servicing.recall-unknown": _("「%(value)s」不对：允许 %(allowed)s。"),
    "servicing.recall-stands": _("这笔借款已有一次提前到期等待复核，或已经通知。"),
    "servicing.recall-not-standing": _("这次提前到期已经办理过，请刷新页面。"),
    "servicing.not-your-recall": _("只有提出人可以撤回提前到期的提议。"),
    "servicing.recall-too-late": _("%(on)s 正在日终结账，提前到期须在结账之前办理。"),
    "servicing.loan-not-recallable": _(
        "这笔借款现在不能提前到期：长期逾期的须逾期超过允许天数，到该日还有未到期的本金，"
        "且不在日终结账中、未被搁置。"
    ),
    "servicing.hold-role-needed": _("您的角色不能办理身故或破产暂停。"),
    "servicing.hold-own-affair": _("您与这位借款人有关联，须由其他人办理。"),
    "servicing.hold-words-needed": _("请填写文件编号和说明：允许 %(allowed)s 个字。"),
    "servicing.hold-while-closing": _("%(on)s 正在日终结账，请在结账之后办理。"),
    "servicing.hold-unknown": _("「%(value)s」不对：允许 %(allowed)s。"),
    "servicing.hold-stands": _("这位借款人已在暂停中。"),
    "servicing.no-hold-stands": _("这位借款人没有在暂停，或已经解除，请刷新页面。"),
    "servicing.rate-not-allowed": _(
        "「%(value)s」不对：年利率只允许 %(allowed)s（不得高于放款日适用的利率上限）。"
    ),
    "servicing.resets-too-late": _("%(on)s 正在日终结账，利率须在结账之前重定价。"),
    "servicing.extension-too-long": _(
        "展期「%(value)s」个月太长：累计不得超过允许的期限，还可展期 %(allowed)s 个月。"
    ),
    "servicing.write-off-role-needed": _("您的角色不能办理这笔核销。"),
    "servicing.write-off-own-affair": _("您与这笔借款有关联，核销须由其他人办理。"),
    "servicing.write-off-second-person-needed": _("提出核销的人不能批准，须由另一位财务办理。"),
    "servicing.not-to-write-off": _("这笔借款不能核销：须为逾期且分类为损失（逾期超过 360 天）。"),
    "servicing.write-off-waits": _("这笔借款已有一笔核销等待复核。"),
    "servicing.write-off-words-needed": _("请填写核销理由和证据：允许 %(allowed)s 个字。"),
    "servicing.waiver-undecided": _("这笔借款有一笔减免等待复核，请先办理减免。"),
    "servicing.write-off-not-waiting": _("这笔核销已经办理过，请刷新页面。"),
    "servicing.not-your-write-off": _("只有提出人可以撤回核销。"),
    "servicing.write-off-changed": _("欠款已经变化，现在共 %(total)s 元。请核对后再批准。"),
    "servicing.decline-reason-needed": _("请填写驳回理由：允许 %(allowed)s 个字。"),
    "servicing.nothing-to-recover": _("这笔借款没有核销，或核销的欠款已全部收回。"),
    "servicing.recovery-out-of-range": _("还款金额「%(value)s」不对：允许 %(allowed)s 元。"),
    "servicing.loan-given-up": _("这笔借款已经核销，欠款请在借款页面偿还。"),
    "servicing.import-role-needed": _("您的角色不能办理存量借款的转入。"),
    "servicing.import-second-person-needed": _("提出转入的人不能批准，须由另一位财务办理。"),
    "servicing.import-not-waiting": _("这次转入已经办理过，请刷新页面。"),
    "servicing.import-faulty": _(
        "文件有 %(count)s 处问题，第一处在 %(file)s.csv 第 %(line)s 行（%(fault)s）；没有保存。"
    ),
    "servicing.import-empty": _("文件里没有一笔借款。"),
    "servicing.import-known": _("同样的文件已经提出过，编号 %(number)s。"),
    "servicing.import-reason-needed": _("请填写来源：允许 %(allowed)s 个字。"),
    "servicing.not-your-import": _("只有提出人可以撤回转入。"),
    "servicing.import-outdated": _("这次转入是按另一个会计日检查的：请撤回后重新提出。"),
    "servicing.import-totals-changed": _("转入的余额与检查时不同了：请撤回后重新提出。"),
    "servicing.import-own-affair": _("提出人或批准人在转入的借款人之中，须由其他人办理。"),
    "servicing.day-closing": _("正在日终结账，几分钟后即可办理。"),
    "servicing.allowance-role-needed": _("您的角色不能办理损失准备。"),
    "servicing.allowance-second-person-needed": _("提出的人不能复核，须由另一位办理。"),
    "servicing.allowance-not-waiting": _("这一步已经办理过，请刷新页面。"),
    "servicing.allowance-reason-needed": _("请填写驳回理由：允许 %(allowed)s 个字。"),
    "servicing.not-your-allowance": _("只有提出人可以撤回。"),
    "servicing.day-valued": _("%(on)s 已结账，损失准备也已入账；请重新提交，按新的会计日办理。"),
    "servicing.portfolio-moved": _("测算期间有新的放款，请重新测算。"),
    "servicing.allowance-too-early": _(
        "不能按 %(on)s 测算：只能按最近一个已结账的会计日，且当日须有生效的参数。"
    ),
    "servicing.newer-allowance": _("已有更新的测算，测算 %(number)s 不能再入账。"),
    "servicing.allowance-changed": _(
        "账上的准备已经变化，本次应计提 %(total)s 元与您看到的不符。请核对，必要时重新测算。"
    ),
    "servicing.unreadable-assumption": _("参数「%(field)s」读不懂：「%(value)s」。"),
    "servicing.not-closed": _("这笔借款还没有还清，暂不能开具结清证明。"),
    "servicing.not-the-business-date": _("业务日期已经变化，请刷新页面后重试。"),
    "servicing.day-unfinished": _("这一天的日终还没有完成。"),
    "servicing.day-not-planned": _("这一天的日终还没有开始。"),
    "servicing.not-parked": _("这笔借款没有被搁置，或刚刚已被恢复。"),
    "servicing.still-broken": _("这笔借款仍然无法结账：%(reason)s。请修正后再恢复。"),
    "servicing.close-under-way": _("正在日终结账，请在结账完成后再恢复。"),
}

COLLECTING: dict[str, Promise] = {
    "collecting.role-needed": _("您的角色不能办理这一步催收。"),
    "collecting.own-affair": _("您或对方与这笔借款的当事人有关联，须由其他人办理。"),
    "collecting.case-closed": _("案件 %(number)s 已经关闭：借款不再逾期，不能再催收。"),
    "collecting.not-yours": _("案件 %(number)s 不在您手上，请先领取再办理。"),
    "collecting.borrower-on-hold": _("借款人身故或破产，已暂停催收：解除之前不得联系或移交。"),
    "collecting.words-needed": _("请填写说明：允许 %(allowed)s 个字。"),
    "collecting.taken-by-another": _("案件 %(number)s 已由别人经办，须由经办人或运营转派。"),
    "collecting.not-a-collector": _("接手的人没有催收角色，请另选一位。"),
    "collecting.quiet-hours": _(
        "现在是 %(value)s：每天 %(begin)s 至次日 %(end)s 不得联系债务人。最早可以联系：%(next)s。"
    ),
    "collecting.calls-used": _(
        "今天给这位债务人的电话已满每天 %(allowed)s 次的上限，不能再打。最早可以再打：%(next)s。"
    ),
    "collecting.stopped-by-complaint": _(
        "债务人已经投诉，一切联系停止；须由合规人员核实并解除后才能再联系。"
    ),
    "collecting.debtor-only": _("只能联系债务人本人，任何时间都不得联系亲友、同事等第三人。"),
    "collecting.contact-under-way": _("%(since)s 开始的联系还没有登记结果，请先登记。"),
    "collecting.no-contact-under-way": _("案件 %(number)s 没有等待登记结果的联系，请先开始联系。"),
    "collecting.outcome-unfit": _("这种联系不能登记为「%(value)s」：允许 %(allowed)s。"),
    "collecting.promise-unfit": _("承诺「%(value)s」不对：允许 %(allowed)s。"),
    "collecting.not-stopped": _("这位债务人没有未解除的投诉。"),
    "collecting.lifted-by-another": _("登记投诉的人不能解除，须由另一位合规人员办理。"),
    "collecting.proposal-stands": _("方案 %(number)s 还在等待复核或有效期内，不能再提一个。"),
    "collecting.firm-needed": _("请填写受托机构的名称：允许 %(allowed)s 个字。"),
    "collecting.offer-unfit": _(
        "和解方案「%(value)s」不对：允许 %(allowed)s；只能减免逾期利息、罚息和费用，不减本金。"
    ),
    "collecting.not-waiting": _("方案 %(number)s 已经办理过或已过期，请刷新页面。"),
    "collecting.second-person-needed": _("提出人不能复核自己的方案，须由另一位办理。"),
    "collecting.not-your-proposal": _("只有提出人可以撤回方案。"),
}

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

"""What is said of each fault in the files of a portfolio, by its code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rongqiao.web.backoffice.finance.words import Words

STATES: Words = {
    "waiting": _("待复核"),
    "approved": _("已批准，正在转入"),
    "done": _("已转入"),
    "failed": _("未能转入"),
    "declined": _("已驳回"),
    "withdrawn": _("已撤回"),
}
TONES = {"waiting": "info", "approved": "info", "done": "success", "failed": "error"}
FILES: Words = {
    "borrowers": _("借款人"),
    "loans": _("借款"),
    "instalments": _("还款计划"),
    "payments": _("还款记录"),
}
FAULTS: Words = {
    "import.file-missing": _("没有这个文件。"),
    "import.file-empty": _("文件是空的：第一行须是列名。"),
    "import.encoding": _("文件的编码读不出来。"),
    "import.quote": _("引号没有闭合，或引号后有多余的字：从这一行起读不下去。"),
    "import.file-cut": _("文件在这一行中断：可能没有传完，请重新导出。"),
    "import.row-length": _("这一行的格数与列名的个数不同。"),
    "import.column-unknown": _("没有这一列：多余的列请删去。"),
    "import.column-twice": _("同一列出现了两次。"),
    "import.column-missing": _("缺少这一列。"),
    "import.cell-empty": _("这一格不能为空。"),
    "import.cell-text": _("文字太长，或有不能显示的字符；允许的是字数。"),
    "import.cell-number": _("不是期数：请填整数。"),
    "import.cell-amount": _("不是金额：半角数字，至多两位小数，不带逗号、货币符号和负号。"),
    "import.cell-rate": _("不是年利率：按百分数填写，大于 0，至多 100。"),
    "import.cell-day": _("不是日历上的日期。"),
    "import.cell-word": _("不是允许的选项。"),
    "import.twice": _("重复：前面已有一行相同，允许的一栏是它的行号。"),
    "import.name-differs": _("这个证件号码在本平台登记的是另一个名称。"),
    "import.persons-have-none": _("个人没有法定代表人：请留空。"),
    "import.identity-resident-id-length": _("身份证号码须为 18 位（旧号 15 位）。"),
    "import.identity-resident-id-characters": _("身份证号码只能是数字，末位可以是 X。"),
    "import.identity-resident-id-region": _("身份证号码的前两位不是省级代码。"),
    "import.identity-resident-id-birth-date": _("身份证号码里的出生日期不存在。"),
    "import.identity-resident-id-check-digit": _("身份证号码的校验码不对。"),
    "import.identity-uscc-length": _("统一社会信用代码须为 18 位。"),
    "import.identity-uscc-characters": _("统一社会信用代码里有不用的字符（I、O、S、V、Z）。"),
    "import.identity-uscc-check-digit": _("统一社会信用代码的校验码不对。"),
    "import.identity-phone-form": _("不是内地手机号码。"),
    "import.identity-name-form": _("不是人名：只能是文字、空格、间隔号。"),
    "import.identity-organization-name-form": _("不是企业名称：4 至 120 个字。"),
    "import.loan-unknown": _("借款文件里没有这个借款编号。"),
    "import.number-taken": _("这个借款编号在本平台已经有了。"),
    "import.borrower-unknown": _("借款人文件里没有这个客户编号。"),
    "import.product-unknown": _("本平台没有这个在售产品。"),
    "import.nothing-lent": _("本金须大于 0。"),
    "import.in-the-future": _("日期晚于会计日。"),
    "import.no-instalments": _("还款计划里没有这笔借款。"),
    "import.number-out-of-order": _("期数不连续，或重复：须从 1 起逐一编号。"),
    "import.dates-gap": _("与上一期的应还日（首期为放款日）之间有空档。"),
    "import.dates-overlap": _("与上一期的应还日（首期为放款日）重叠。"),
    "import.due-before-start": _("应还日须晚于起息日。"),
    "import.paid-ahead": _("会计日还没有到期，不能已经还款：提前还的请单列一期，应还日为还款日。"),
    "import.paid-too-much": _("已还多于应还。"),
    "import.penalty-ahead": _("还没有到期，不能有罚息。"),
    "import.settled-day-missing": _("这一期已还清，须填结清日。"),
    "import.settled-not-paid": _("填了结清日，却还没有还清；允许的一栏是尚欠金额。"),
    "import.settled-without-payment": _("还款记录里没有结清日当天的还款。"),
    "import.paid-before-lent": _("还款日早于放款日。"),
    "import.nothing-paid": _("这一行没有还任何款项。"),
    "import.principal-sum": _("各期应还本金之和与本金不等；允许的一栏是各期之和。"),
    "import.paid-sum": _("还款记录之和与还款计划的已还之和不等；允许的一栏是计划的已还。"),
}

"""The accounting codes that the books are reported under, and what each line is given at first.

Codes and titles: Ministry of Finance, 《企业会计准则——应用指南》 (财会〔2006〕18 号), 附录
《会计科目和主要账务处理》; 6702 was added with 《企业会计准则第 22 号》 of 2017. A firm may number
details below a code of four digits by itself (same appendix), here two digits for a level.

Client money is no asset of the operator: it is told under 代理业务资产 1321 and 代理业务负债 2314,
"without risk to the enterprise", and shown apart from the operator's own balance sheet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CODES = {
    "1001": "库存现金",
    "1002": "银行存款",
    "1012": "其他货币资金",
    "1031": "存出保证金",
    "1122": "应收账款",
    "1123": "预付账款",
    "1132": "应收利息",
    "1221": "其他应收款",
    "1231": "坏账准备",
    "1303": "贷款",
    "1304": "贷款损失准备",
    "1321": "代理业务资产",
    "1601": "固定资产",
    "1602": "累计折旧",
    "1701": "无形资产",
    "1801": "长期待摊费用",
    "1811": "递延所得税资产",
    "1901": "待处理财产损溢",
    "2001": "短期借款",
    "2202": "应付账款",
    "2203": "预收账款",
    "2211": "应付职工薪酬",
    "2221": "应交税费",
    "2231": "应付利息",
    "2241": "其他应付款",
    "2314": "代理业务负债",
    "2401": "递延收益",
    "2501": "长期借款",
    "2801": "预计负债",
    "2901": "递延所得税负债",
    "4001": "实收资本",
    "4002": "资本公积",
    "4101": "盈余公积",
    "4102": "一般风险准备",
    "4103": "本年利润",
    "4104": "利润分配",
    "6001": "主营业务收入",
    "6011": "利息收入",
    "6021": "手续费及佣金收入",
    "6051": "其他业务收入",
    "6301": "营业外收入",
    "6403": "税金及附加",
    "6411": "利息支出",
    "6421": "手续费及佣金支出",
    "6601": "销售费用",
    "6602": "管理费用",
    "6603": "财务费用",
    "6701": "资产减值损失",
    "6702": "信用减值损失",
    "6711": "营业外支出",
    "6801": "所得税费用",
    "6901": "以前年度损益调整",
}
# The first digit of a code for each family of accounts (the appendix's classes: 资产, 负债,
# 所有者权益, 损益).
CLASS_OF_FAMILY = {"asset": "1", "liability": "2", "equity": "4", "income": "6", "expense": "6"}
_SHAPE = re.compile(r"\d{4}(\d{2}){0,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """The code a line of the chart is reported under until officers change it."""

    line: str
    code: str
    title: str


AT_FIRST = (
    Given("custodian-cash", "132101", "代理业务资产——存管专户"),
    Given("wallet", "231401", "代理业务负债——客户资金"),
    Given("suspense", "231402", "代理业务负债——待查来款"),
    Given("reserve-fund", "231403", "代理业务负债——风险备付金"),
    Given("operator-funds", "231404", "代理业务负债——平台自有资金"),
    Given("funds-at-custodian", "100201", "银行存款——存管专户自有资金"),
    Given("loan-principal", "1303", "贷款"),
    Given("interest-receivable", "113201", "应收利息——正常利息"),
    Given("penalty-receivable", "113202", "应收利息——罚息"),
    Given("fee-receivable", "1122", "应收账款——手续费"),
    Given("operator-capital", "4001", "实收资本"),
    Given("interest-income", "601101", "利息收入——贷款利息"),
    Given("penalty-income", "601102", "利息收入——罚息"),
    Given("fee-income", "6021", "手续费及佣金收入"),
    Given("bank-charges", "660301", "财务费用——银行手续费"),
    Given("marketing-expense", "660101", "销售费用——市场推广费"),
    Given("write-off", "670201", "信用减值损失——贷款核销"),
    Given("provision", "670202", "信用减值损失——计提准备"),
    Given("reconciliation-differences", "671101", "营业外支出——对账差额"),
    Given("transfers-underway", "231405", "代理业务负债——平台转出在途"),
    Given("loan-loss-allowance", "1304", "贷款损失准备"),
    Given("commitment-provision", "280101", "预计负债——贷款承诺"),
    Given("portfolio-taken-over", "400201", "资本公积——转入贷款资产"),
)


def is_code_for(code: str, family: str) -> bool:
    """Tell whether a code is one of the appendix, or a detail below it, and fits the family."""
    return (
        bool(_SHAPE.fullmatch(code))
        and code[:4] in CODES
        and code.startswith(CLASS_OF_FAMILY[family])
    )

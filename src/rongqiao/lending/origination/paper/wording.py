"""The Chinese words of agreements for the codes of terms. Contracts have one language."""

from __future__ import annotations

METHODS = {
    "equal_instalment": "等额本息：每期偿还相同金额，其中利息按剩余本金计算，最后一期结清尾差",
    "equal_principal": "等额本金：每期偿还相同本金，利息按剩余本金计算",
    "interest_only": "先息后本：按期支付利息，到期一次偿还本金",
    "bullet": "一次性还本付息：到期一次偿还本金及全部利息",
    "flat": "等本等息：每期偿还相同本金及按借款本金计算的相同利息",
}
DAY_COUNTS = {
    "30/360": "每月按 30 天、每年按 360 天计算（整月按年利率的十二分之一）",
    "act/360": "按实际占用天数计算，日利率为年利率除以 360",
    "act/365f": "按实际占用天数计算，日利率为年利率除以 365",
}
REFERENCES = {"lpr-1y": "1 年期", "lpr-5y": "5 年期以上"}
RESETS = {"new-year": "每年 1 月 1 日", "anniversary": "每年放款日的对应日"}
FEE_MOMENTS = {"each": "每期还款日", "first": "第一个还款日", "last": "最后一个还款日"}
COLLECTORS = {"operator": "甲方"}
COLLATERAL = {
    "vehicle": "车辆",
    "real_estate": "不动产",
    "receivable": "应收账款",
    "deposit": "存款",
    "guarantee": "保证",
}
PURPOSES = {
    "home-improvement": "家庭装修",
    "education": "教育支出",
    "medical": "医疗支出",
    "travel": "旅游",
    "appliances": "购买家电及耐用消费品",
    "wedding": "婚庆",
    "other-consumption": "其他日常消费",
    "inventory": "采购存货",
    "wages": "支付工资",
    "rent": "支付租金",
    "equipment-upkeep": "设备维护",
    "supplier-payment": "支付货款",
    "taxes": "缴纳税款",
    "other-business": "其他日常经营周转",
}
ALLOCATIONS = {
    "by_instalment": "先抵充较早到期的一期；同一期内依次抵充费用、罚息、利息、本金",
    "by_bucket": "依次抵充全部费用、全部罚息、全部利息、全部本金；同类债务先抵充较早到期的",
}
STANDING_ARTICLES = (
    (
        "除本合同及综合融资成本明示表列明的项目外，甲方及其合作机构不向乙方收取任何其他息费；"
        "甲方不得预先在本金中扣除利息或费用（《中华人民共和国民法典》第六百七十条）。"
    ),
    (
        "甲方仅为订立、履行本合同及法律规定的目的处理乙方的信息；自动化审批的结论，乙方有权"
        "要求说明并要求人工复核（《中华人民共和国个人信息保护法》第二十四条）。"
    ),
    (
        "本合同以数据电文形式订立。乙方阅读综合融资成本明示表并确认后签署，甲方以数字证书签署；"
        "任何一方改动正文或签名均可被发现（《中华人民共和国电子签名法》第三条、第十三条、第十四条）。"
    ),
    ("因本合同发生争议，双方协商解决；协商不成的，可向乙方住所地有管辖权的人民法院提起诉讼。"),
)

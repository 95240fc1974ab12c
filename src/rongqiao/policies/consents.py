"""What users are asked to agree to: dated texts, each known by the hash of its binding wording.

The Chinese wording binds (hash); the English one is for reading. PIPL art. 14 to 17 ask for
consent that is informed and separate, art. 15 for a way to withdraw it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

TERMS = "terms"
PRIVACY = "privacy"
CREDIT_INQUIRY = "credit_inquiry"
IDENTITY_CHECK = "identity_check"
FACE_CHECK = "face_check"
PUBLIC_RECORDS = "public_records"
TAX_INVOICE = "tax_invoice"
SCORE_INQUIRY = "score_inquiry"


@dataclass(frozen=True)
class ConsentText:
    """One version of one text."""

    kind: str
    version: str
    published_on: date
    title: str
    title_en: str
    wording: str
    wording_en: str
    is_withdrawable: bool

    @property
    def sha256(self) -> str:
        """Return the hash of the binding wording, in hex."""
        return hashlib.sha256(self.wording.encode()).hexdigest()


TEXTS = (
    ConsentText(
        kind=TERMS,
        version="2026-01",
        published_on=date(2026, 1, 1),
        title="用户服务协议",
        title_en="Terms of service",
        wording=(
            "一、本平台由具备相应资质的经营主体运营,为您提供借款申请、签约、还款与账户服务。\n"
            "二、您应年满十八周岁,以本人真实身份注册,妥善保管登录凭证;一人一户。\n"
            "三、借款的金额、利率、费用与还款方式以您签署的合同及综合融资成本明示表为准,"
            "明示表之外不收取任何费用。\n"
            "四、您可随时查询、导出您的合同与账务记录,可提前还款,利息按实际使用天数计算。\n"
            "五、因本协议发生争议,可先向平台投诉;协商不成的,向有管辖权的人民法院起诉。\n"
        ),
        wording_en=(
            "1. The platform is run by a licensed operator and offers loan applications, "
            "agreements, repayment and accounts.\n"
            "2. You are at least eighteen, register as yourself, keep your log-in safe, and hold "
            "one account.\n"
            "3. Amount, rate, fees and repayment are those of the agreement you sign and its cost "
            "sheet; nothing else is charged.\n"
            "4. You may see and export your agreements and records at any time, and repay early; "
            "interest is charged for the days used.\n"
            "5. Disputes go to the platform's complaint desk first, then to the people's court.\n"
        ),
        is_withdrawable=False,
    ),
    ConsentText(
        kind=PRIVACY,
        version="2026-01",
        published_on=date(2026, 1, 1),
        title="个人信息处理规则",
        title_en="How personal information is handled",
        wording=(
            "一、我们为实名认证、审批、签约、还款与法定反洗钱义务,处理您的姓名、身份证号、"
            "手机号、银行账户与借款记录。\n"
            "二、上述信息加密保存,工作人员只能看到遮盖后的内容;查看完整内容会留下记录。\n"
            "三、未经您单独同意,不向第三方提供;法律规定必须提供的除外。\n"
            "四、您可查阅、更正、导出、删除您的信息;依法须留存的,在期限届满后删除。\n"
            "五、自动化审批给出不利结论时,您有权要求说明理由并由人工复核。\n"
        ),
        wording_en=(
            "1. For identity checks, decisions, agreements, repayment and anti-money-laundering "
            "duties we handle your name, resident id, phone, bank account and loan records.\n"
            "2. They are kept encrypted; staff see them masked, and looking in full is recorded.\n"
            "3. They are given to nobody else without your separate consent, unless the law "
            "demands it.\n"
            "4. You may read, correct, export and delete them; what the law makes us keep is "
            "deleted when its term ends.\n"
            "5. If an automatic decision goes against you, you may ask for reasons and for a "
            "person to look again.\n"
        ),
        is_withdrawable=False,
    ),
    ConsentText(
        kind=PRIVACY,
        version="2026-11",
        published_on=date(2026, 11, 23),
        title="个人信息处理规则",
        title_en="How personal information is handled",
        wording=(
            "一、我们为实名认证、审批、签约、还款与法定反洗钱义务,处理您的姓名、身份证号、"
            "手机号、银行账户与借款记录。\n"
            "二、为防止冒用账户与骗贷,我们在您登录、注册与办理业务时,用一个随机编号的 Cookie、"
            "浏览器类型与网络地址识别您的设备;只以不可还原的摘要保存,不用于营销,不向第三方提供。\n"
            "三、上述信息加密保存,工作人员只能看到遮盖后的内容;查看完整内容会留下记录。\n"
            "四、未经您单独同意,不向第三方提供;法律规定必须提供的除外。\n"
            "五、您可查阅、更正、导出、删除您的信息;依法须留存的,在期限届满后删除。\n"
            "六、自动化审批给出不利结论时,您有权要求说明理由并由人工复核。\n"
        ),
        wording_en=(
            "1. For identity checks, decisions, agreements, repayment and anti-money-laundering "
            "duties we handle your name, resident id, phone, bank account and loan records.\n"
            "2. Against stolen accounts and fraud we recognise your device when you log in, "
            "register or use your account: by a cookie with a random number, the kind of browser "
            "and the network address, kept as digests that cannot be turned back, never for "
            "marketing, given to nobody.\n"
            "3. They are kept encrypted; staff see them masked, and looking in full is recorded.\n"
            "4. They are given to nobody else without your separate consent, unless the law "
            "demands it.\n"
            "5. You may read, correct, export and delete them; what the law makes us keep is "
            "deleted when its term ends.\n"
            "6. If an automatic decision goes against you, you may ask for reasons and for a "
            "person to look again.\n"
        ),
        is_withdrawable=False,
    ),
    ConsentText(
        kind=PRIVACY,
        version="2026-12",
        published_on=date(2026, 11, 24),
        title="个人信息处理规则",
        title_en="How personal information is handled",
        wording=(
            "一、我们为实名认证、审批、签约、还款与法定反洗钱义务,处理您的姓名、身份证号、"
            "手机号、银行账户与借款记录,以及您在申请中自愿填写的住址或经营地址、工作单位与电话。"
            "您填写紧急联系人前请征得其同意;我们只在联系不上您时联系,不向其催收,也不告知借款情况。\n"
            "二、为防止冒用账户与骗贷,我们在您登录、注册与办理业务时,用一个随机编号的 Cookie、"
            "浏览器类型与网络地址识别您的设备,并比对申请中填写的地址、单位与联系人;只以不可还原的摘要保存,不用于营销,不向第三方提供。\n"
            "三、上述信息加密保存,工作人员只能看到遮盖后的内容;查看完整内容会留下记录。\n"
            "四、未经您单独同意,不向第三方提供;法律规定必须提供的除外。\n"
            "五、您可查阅、更正、导出、删除您的信息;依法须留存的,在期限届满后删除。\n"
            "六、自动化审批给出不利结论时,您有权要求说明理由并由人工复核。\n"
        ),
        wording_en=(
            "1. For identity checks, decisions, agreements, repayment and anti-money-laundering "
            "duties we handle your name, resident id, phone, bank account and loan records, and "
            "the home or operating address, employer and its phone that you choose to tell in an "
            "application. Ask your emergency contact before you name them: we call them only when "
            "we cannot reach you, never to collect, and tell nothing of your loan.\n"
            "2. Against stolen accounts and fraud we recognise your device when you log in, "
            "register or use your account: by a cookie with a random number, the kind of browser "
            "and the network address, and hold addresses, employers and contacts of applications "
            "against each other, kept as digests that cannot be turned back, never for "
            "marketing, given to nobody.\n"
            "3. They are kept encrypted; staff see them masked, and looking in full is recorded.\n"
            "4. They are given to nobody else without your separate consent, unless the law "
            "demands it.\n"
            "5. You may read, correct, export and delete them; what the law makes us keep is "
            "deleted when its term ends.\n"
            "6. If an automatic decision goes against you, you may ask for reasons and for a "
            "person to look again.\n"
        ),
        is_withdrawable=False,
    ),
    ConsentText(
        kind=CREDIT_INQUIRY,
        version="2026-01",
        published_on=date(2026, 1, 1),
        title="征信查询与报送授权书",
        title_en="Authorisation to query and report credit records",
        wording=(
            "本人授权经营主体为审批本人的借款申请及贷后管理,向金融信用信息基础数据库查询本人的"
            "信用报告,并依《征信业管理条例》报送本人的借款与还款信息。授权自签署之日起至借款结清"
            "之日止;未借款的,至申请办结之日止。\n"
        ),
        wording_en=(
            "I authorise the operator to query my credit report for deciding on my application "
            "and managing the loan, and to report my borrowing and repayment under the Regulation "
            "on the Credit Reporting Industry, from this day until the loan is settled or, without "
            "a loan, until the application is closed.\n"
        ),
        is_withdrawable=True,
    ),
    ConsentText(
        kind=IDENTITY_CHECK,
        version="2026-01",
        published_on=date(2026, 1, 1),
        title="身份与账户核验授权书",
        title_en="Authorisation to check identity and account",
        wording=(
            "本人单独同意经营主体为核实本人身份及收付款账户,将本人的姓名、身份证号、手机号、银行账号"
            "提供给公安身份核验、电信运营商与银行卡核验机构,并接收其核验结果;代表企业的,包括企业名称、"
            "统一社会信用代码与企业账号。核验机构只回答是否一致,不得另作他用。查询不向本人收费。"
            "本授权可随时撤回,撤回前已完成的核验不受影响;撤回后不能新增收付款账户。\n"
        ),
        wording_en=(
            "I separately agree that the operator, to check who I am and whose account is mine, "
            "gives my name, resident id, phone and bank account number to the identity service, "
            "the telecom operators and the bank-card service and takes their answers; for a firm, "
            "its name, credit code and account. They answer only whether these agree and use them "
            "for nothing else. I pay nothing. I may withdraw at any time; checks made before stay "
            "valid, and after it no account can be added.\n"
        ),
        is_withdrawable=True,
    ),
    ConsentText(
        kind=FACE_CHECK,
        version="2026-01",
        published_on=date(2026, 1, 1),
        title="人脸信息处理单独同意书",
        title_en="Separate consent to handling of my face",
        wording=(
            "人脸信息是敏感个人信息,泄露或者滥用容易使人格尊严受到侵害或者人身、财产安全受到危害。"
            "本人在充分知情的前提下单独同意:经营主体仅为确认本人亲自办理借款,把一次活体检测的结果"
            "提供给人脸核验机构比对,只保存是否为活体及相似度,不保存人脸图像。不同意的,可选择由工作人员"
            "核实,不影响申请。本同意可随时撤回。\n"
        ),
        wording_en=(
            "A face is sensitive personal information; if it leaks or is misused, dignity, person "
            "and property may be harmed. Knowing this I separately agree that the operator, only "
            "to make sure that I act myself, has the result of one liveness test compared by the "
            "face service and keeps whether it was live and how similar, but no picture. If I do "
            "not agree, a member of staff can check instead, and my application does not suffer. "
            "I may withdraw at any time.\n"
        ),
        is_withdrawable=True,
    ),
    ConsentText(
        kind=PUBLIC_RECORDS,
        version="2026-01",
        published_on=date(2026, 1, 1),
        title="工商与司法公开信息查询授权书",
        title_en="Authorisation to look up public registers",
        wording=(
            "本人(本企业)同意经营主体为审批与贷后管理,查询依法公开的企业登记信息、裁判与执行信息、"
            "失信被执行人名单,并用于判断是否提供借款。查询结果与事实不符的,本人可要求更正。"
            "授权自签署之日起至借款结清之日止;未借款的,至申请办结之日止;可随时撤回。\n"
        ),
        wording_en=(
            "I (we) agree that the operator, for deciding and for managing a loan, looks up what "
            "is public by law of the enterprise register, of judgments and enforcement and of the "
            "list of dishonest debtors. I may ask for what is wrong to be corrected. Valid from "
            "this day until the loan is settled or, without a loan, until the application is "
            "closed; it may be withdrawn at any time.\n"
        ),
        is_withdrawable=True,
    ),
    ConsentText(
        kind=TAX_INVOICE,
        version="2026-01",
        published_on=date(2026, 1, 1),
        title="涉税与发票信息授权书",
        title_en="Authorisation to use tax and invoice data",
        wording=(
            "本企业授权经营主体为审批借款申请及贷后管理,向税务信息服务机构查询本企业最近二十四个月的"
            "开票汇总、纳税额、纳税信用级别与欠税信息。只查询汇总数据,不查询发票明细与交易对手名称。"
            "授权自签署之日起至借款结清之日止;未借款的,至申请办结之日止;可随时撤回。\n"
        ),
        wording_en=(
            "We authorise the operator, for deciding on our application and managing the loan, to "
            "query our invoice totals, taxes paid, tax credit grade and arrears of the last 24 "
            "months: totals only, no single invoice and no customer's name. Valid from this day "
            "until the loan is settled or, without a loan, until the application is closed; it "
            "may be withdrawn at any time.\n"
        ),
        is_withdrawable=True,
    ),
    ConsentText(
        kind=SCORE_INQUIRY,
        version="2026-01",
        published_on=date(2026, 1, 1),
        title="个人信用评分查询授权书",
        title_en="Authorisation to query a credit score",
        wording=(
            "本人授权经营主体为审批本人的借款申请,向依法设立的征信机构查询本人的信用评分。"
            "只查询分值,分值仅作参考,不作为拒绝借款的唯一理由。"
            "授权自签署之日起至申请办结之日止,可随时撤回。\n"
        ),
        wording_en=(
            "I authorise the operator, for deciding on my application, to query my score at a "
            "licensed credit reporting institution: the figure only, which is never the sole "
            "reason for refusing a loan. Valid from this day until the application is closed; it "
            "may be withdrawn at any time.\n"
        ),
        is_withdrawable=True,
    ),
)


# In the order in which they are shown.
KINDS = tuple(dict.fromkeys(text.kind for text in TEXTS))


def text_in_force(kind: str, on: date) -> ConsentText:
    """Return the version of `kind` in force on a date; raises LookupError."""
    published = [text for text in TEXTS if text.kind == kind and text.published_on <= on]
    if not published:
        raise LookupError(kind)
    return max(published, key=lambda text: text.published_on)


def text_of(kind: str, version: str) -> ConsentText:
    """Return one version of one text; raises LookupError."""
    for text in TEXTS:
        if (text.kind, text.version) == (kind, version):
            return text
    raise LookupError(f"{kind} {version}")

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
)


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

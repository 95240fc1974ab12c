"""The one table of sentences. A test holds that every refusal of the platform has one."""

from django.utils.functional import Promise

from rongqiao.web.frame.sentences.lending import (
    COLLATERAL,
    COLLECTING,
    ORIGINATION,
    PRODUCTS,
    SERVICING,
)
from rongqiao.web.frame.sentences.people_and_money import LEDGER, PARTIES, PAYMENTS, PLATFORM
from rongqiao.web.frame.sentences.risk.enterprise import ENTERPRISE
from rongqiao.web.frame.sentences.risk.fraud import FRAUD
from rongqiao.web.frame.sentences.risk.inquiries import INQUIRIES
from rongqiao.web.frame.sentences.risk.laundering import LAUNDERING
from rongqiao.web.frame.sentences.risk.modelling import MODELLING
from rongqiao.web.frame.sentences.risk.policies import POLICIES

SENTENCES: dict[str, Promise] = {
    **PLATFORM,
    **PARTIES,
    **PAYMENTS,
    **LEDGER,
    **PRODUCTS,
    **ORIGINATION,
    **SERVICING,
    **COLLECTING,
    **COLLATERAL,
    **INQUIRIES,
    **POLICIES,
    **MODELLING,
    **FRAUD,
    **LAUNDERING,
    **ENTERPRISE,
}

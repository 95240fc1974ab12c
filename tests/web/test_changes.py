"""Terms changed on the desk: worked out, one proposes, another decides; who owes reads it."""

from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from rongqiao.cli.eod import catch_up
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.queries import papers
from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.amending.recalls import Recall
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.loans import assert_books_hold
from tests.parties.people import make_user
from tests.web.finance_desk import client_of, text_of

PAUSE = {"way": "pause-longer", "months": "2"}
WORDS = {"consent": "SQ-2026-01", "reason": "停工两个月"}


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def hire(call, staff):
    def make(role):
        user_id = make_user()
        journeys.give_role(call, *staff.administrators, user_id, role)
        return user_id

    return make


@pytest.fixture
def borrower(call):
    return journeys.make_borrower(call)


@pytest.fixture
def loan(call, clock, staff, borrower):
    """Two weeks into its first month."""
    journeys.signed_loan(call, clock, borrower)
    relay.drain(SUBSCRIBERS)
    catch_up(date(2026, 1, 20))
    return Loan.objects.get()


def post(client, name, loan, *rest, **fields):
    address = reverse(name, args=[loan.pk, *rest])
    return client.post(address, {"key": uuid4(), **fields}, follow=True)


def word(client, loan, name, **fields):
    return post(client, "decide-change", loan, TermChange.objects.get().pk, name, **fields)


@pytest.mark.usefixtures("static_files")
def test_one_proposes_another_agrees_and_the_borrower_reads_it(loan, hire, borrower):
    first, second = client_of(hire("reviewer")), client_of(hire("approver"))
    page = reverse("loan-changes", args=[loan.pk])
    assert page in text_of(first.get(reverse("desk-loan", args=[loan.pk])))
    told = text_of(first.get(page, PAUSE))
    assert "变更后的计划" in told
    assert "2026-04-05" in told or "4月5日" in told
    for wrong in ({"way": "gift"}, {"months": "0"}, {"months": "x"}, {"months": "99"}):
        assert first.get(page, {**PAUSE, **wrong}).status_code == 422
    assert post(first, "propose-change", loan, **PAUSE, consent="", reason="").status_code == 422
    assert "等待另一位复核" in text_of(post(first, "propose-change", loan, **PAUSE, **WORDS))
    assert "已有一次变更" in text_of(post(first, "propose-change", loan, **PAUSE, **WORDS))
    assert "批准变更" not in text_of(first.get(page))
    assert "批准变更" in text_of(second.get(page))
    assert word(first, loan, "whim").status_code == 404
    assert "刷新页面后再决定" in text_of(word(second, loan, "approve", shown=1))
    told = text_of(word(second, loan, "approve"))
    assert "已变更" in told
    assert "已经办理过" in text_of(word(second, loan, "decline"))
    relay.drain(SUBSCRIBERS)
    reader = client_of(borrower.user_id)
    told = text_of(reader.get(reverse("loan", args=[loan.pk])))
    assert "变更之前的计划" in told
    made = TermChange.objects.get()
    paper = reverse("supplement", args=[loan.pk, made.pk])
    assert paper in told
    assert WORDS["consent"] in text_of(reader.get(paper))
    pdf = reader.get(reverse("supplement-pdf", args=[loan.pk, made.pk]))
    assert pdf.content.startswith(b"%PDF")
    assert "变更还款安排" in text_of(reader.get(reverse("loan-statement", args=[loan.pk])))
    assert "已按您的申请变更" in text_of(reader.get(reverse("notices")))
    assert_books_hold()


@pytest.mark.usefixtures("static_files")
def test_nobody_else_changes_terms_or_reads_the_paper(call, loan, hire):
    client = client_of(hire("auditor"))
    assert "试算" not in text_of(client.get(reverse("loan-changes", args=[loan.pk])))
    assert post(client, "propose-change", loan, **PAUSE, **WORDS).status_code == 404
    assert not TermChange.objects.exists()
    first, second = client_of(hire("reviewer")), client_of(hire("approver"))
    post(first, "propose-change", loan, **PAUSE, **WORDS)
    word(second, loan, "approve")
    stranger = client_of(journeys.make_borrower(call, 2).user_id)
    made = TermChange.objects.get()
    assert stranger.get(reverse("supplement", args=[loan.pk, made.pk])).status_code == 404
    assert stranger.get(reverse("supplement-pdf", args=[loan.pk, made.pk])).status_code == 404


FLOATING = {"way": "lpr-1y-new-year", "spread": "300"}


@pytest.mark.usefixtures("static_files")
def test_a_rate_is_agreed_to_float_and_the_borrower_reads_how(loan, hire, borrower):
    first, second = client_of(hire("reviewer")), client_of(hire("approver"))
    page = reverse("loan-changes", args=[loan.pk])
    told = text_of(first.get(page, FLOATING))
    assert "LPR 3.00%" in told
    assert "6.00%" in told
    for wrong in (
        {"spread": ""},
        {"spread": "99999"},
        {"way": "fixed", "rate": ""},
        {"way": "fixed", "rate": "0"},
        {"way": "fixed", "rate": "abc"},
        {"way": "fixed", "rate": "99"},
    ):
        assert first.get(page, {**FLOATING, **wrong}).status_code == 422
    assert post(first, "propose-change", loan, way="fixed", **WORDS).status_code == 422
    assert "等待另一位复核" in text_of(post(first, "propose-change", loan, **FLOATING, **WORDS))
    assert "+300 个基点" in text_of(second.get(page))
    told = text_of(word(second, loan, "approve"))
    assert "已变更" in told
    assert "利率变更记录" in told
    reader = client_of(borrower.user_id)
    told = text_of(reader.get(reverse("loan", args=[loan.pk])))
    assert "浮动利率：1年期LPR +300 个基点" in told
    assert "现行年利率" in told
    made = TermChange.objects.get()
    paper = text_of(reader.get(reverse("supplement", args=[loan.pk, made.pk])))
    assert "加300个基点" in paper
    assert_books_hold()


@pytest.mark.usefixtures("static_files")
def test_a_borrower_is_put_on_hold_and_lifted_against_a_document(loan, hire, borrower):
    client, reader = client_of(hire("operator")), client_of(borrower.user_id)
    page = reverse("loan-hold", args=[loan.pk])
    assert page in text_of(client.get(reverse("desk-loan", args=[loan.pk])))
    paper = {"kind": "death", "document": "SW-2026-01", "reason": "家属告知"}
    assert post(client, "put-on-hold", loan, **{**paper, "document": ""}).status_code == 422
    assert "已暂停罚息、催收和扣款" in text_of(post(client, "put-on-hold", loan, **paper))
    assert "已在暂停中" in text_of(post(client, "put-on-hold", loan, **paper))
    assert "已暂停罚息" in text_of(reader.get(reverse("loan", args=[loan.pk])))
    assert post(client, "lift-hold", loan, document="").status_code == 422
    told = text_of(post(client, "lift-hold", loan, document="GZ-2026-02"))
    assert "已解除" in told
    assert "GZ-2026-02" in told
    assert "没有在暂停" in text_of(post(client, "lift-hold", loan, document="GZ"))
    assert "已暂停罚息" not in text_of(reader.get(reverse("loan", args=[loan.pk])))
    auditor = client_of(hire("auditor"))
    assert "GZ-2026-02" in text_of(auditor.get(page))
    assert post(auditor, "put-on-hold", loan, **paper).status_code == 404


@pytest.mark.browser
def test_a_hold_is_put_in_a_browser(site, loan, hire, open_page, look):
    user = get_user_model().objects.get(pk=hire("operator"))
    page = open_page(width=390, user=user)
    page.goto(site(reverse("loan-hold", args=[loan.pk])))
    look(page)
    page.get_by_label("证明文件编号").fill("SW-2026-01")
    page.get_by_label("说明").fill("家属告知")
    page.get_by_role("button", name="办理暂停").click()
    page.get_by_text("暂停中").wait_for()
    look(page)


@pytest.mark.browser
def test_a_floating_rate_is_worked_out_in_a_browser(site, loan, hire, open_page, look):
    user = get_user_model().objects.get(pk=hire("reviewer"))
    page = open_page(width=390, user=user)
    page.goto(site(reverse("loan-changes", args=[loan.pk])))
    page.get_by_label("变更方式").select_option("lpr-5y-anniversary")
    page.get_by_role("button", name="试算").click()
    page.get_by_text("请填写加点").wait_for()
    look(page)
    page.get_by_label("加点（浮动利率，可为负）").fill("100")
    page.get_by_role("button", name="试算").click()
    page.get_by_role("heading", name="变更后的计划").wait_for()
    look(page)


@pytest.mark.browser
def test_a_holiday_is_agreed_on_in_a_browser(site, loan, hire, borrower, open_page, look):
    users = [get_user_model().objects.get(pk=hire(role)) for role in ("reviewer", "approver")]
    page = open_page(width=1440, user=users[0])
    page.goto(site(reverse("desk-loan", args=[loan.pk])))
    page.get_by_role("link", name="变更还款安排").click()
    page.get_by_label("变更方式").select_option("pause-longer")
    page.get_by_label("月数（展期、宽限、重组）").fill("2")
    look(page)
    page.get_by_role("button", name="试算").click()
    page.get_by_role("heading", name="变更后的计划").wait_for()
    look(page)
    page.get_by_label("借款人申请书编号").fill(WORDS["consent"])
    page.get_by_label("变更理由").fill(WORDS["reason"])
    page.get_by_role("button", name="提交复核").click()
    page.get_by_text("变更已提交").wait_for()
    other = open_page(width=390, user=users[1])
    other.goto(site(reverse("loan-changes", args=[loan.pk])))
    look(other)
    other.get_by_role("button", name="批准变更").click()
    other.get_by_text("已变更").first.wait_for()
    look(other)
    reader = open_page(width=390, user=get_user_model().objects.get(pk=borrower.user_id))
    reader.goto(site(reverse("loan", args=[loan.pk])))
    reader.get_by_role("link", name="补充协议").click()
    reader.get_by_role("heading", level=1, name="补充协议").wait_for()
    look(reader)
    assert_books_hold()


RELIEF = {"way": "restructuring", "months": "6", "rate": "5"}
HARDSHIP = {**WORDS, "evidence": "停产证明 2026-7"}


@pytest.mark.usefixtures("static_files")
def test_a_late_loan_is_restructured_and_watched_where_all_can_read_it(loan, hire, borrower):
    catch_up(date(2026, 3, 20))
    first, second = client_of(hire("reviewer")), client_of(hire("approver"))
    page = reverse("loan-changes", args=[loan.pk])
    assert first.get(page, PAUSE).status_code == 422, "nothing else is agreed on while late"
    told = text_of(first.get(page, RELIEF))
    assert "计入下次应还的罚息" in told
    assert "观察期最早结束" in told
    for wrong in ({"rate": "99"}, {"months": "0", "rate": "99"}, {"months": "-1"}):
        assert first.get(page, {**RELIEF, **wrong}).status_code == 422
    assert post(first, "propose-change", loan, **RELIEF, **WORDS).status_code == 422
    assert "等待另一位复核" in text_of(post(first, "propose-change", loan, **RELIEF, **HARDSHIP))
    told = text_of(second.get(page))
    assert HARDSHIP["evidence"] in told
    assert "已变更" in text_of(word(second, loan, "approve"))
    assert "观察期到" in text_of(first.get(page))
    relay.drain(SUBSCRIBERS)
    reader = client_of(borrower.user_id)
    told = text_of(reader.get(reverse("loan", args=[loan.pk])))
    assert "已因财务困难重组" in told
    assert "已逾期" not in told
    assert "因财务困难重组" in text_of(reader.get(reverse("notices")))
    risk = client_of(hire("risk_analyst"))
    assert "重组观察名单 · 1" in text_of(risk.get(reverse("portfolio")))
    listed = reverse("watched")
    assert loan.number in text_of(risk.get(listed))
    assert loan.number in risk.get(listed, {"format": "csv"}).content.decode()
    assert reader.get(listed).status_code == 404
    assert_books_hold()
    assert page not in text_of(risk.get(listed)), "a page that the analyst may not open"
    assert page in text_of(first.get(listed))


BREACH = {"cause": "overdue", "grace_days": "10"}
PROOF = {"evidence": "催收记录 7", "reason": "长期逾期"}


@pytest.mark.usefixtures("static_files")
def test_a_loan_is_called_back_after_a_notice_the_borrower_reads(loan, hire, borrower, monkeypatch):
    catch_up(date(2026, 3, 20))
    first, second = client_of(hire("collector")), client_of(hire("approver"))
    page = reverse("loan-recalls", args=[loan.pk])
    assert page in text_of(second.get(reverse("desk-loan", args=[loan.pk])))
    for wrong in ({"grace_days": "3"}, {"grace_days": "x"}, {"cause": "whim"}):
        assert first.get(page, {**BREACH, **wrong}).status_code == 422
    assert "不再收取的利息" in text_of(first.get(page, BREACH))
    assert post(first, "propose-recall", loan, **BREACH, evidence="", reason="").status_code == 422
    assert "等待另一位复核" in text_of(post(first, "propose-recall", loan, **BREACH, **PROOF))
    recall = Recall.objects.get()
    assert "批准并通知借款人" in text_of(second.get(page))
    told = text_of(post(second, "decide-recall", loan, recall.pk, "approve"))
    assert "已通知，宽限期内" in told
    relay.drain(SUBSCRIBERS)
    reader = client_of(borrower.user_id)
    assert "提前到期" in text_of(reader.get(reverse("loan", args=[loan.pk])))
    assert "将在该日提前到期" in text_of(reader.get(reverse("notices")))
    assert post(second, "decide-recall", loan, recall.pk, "revoke", reason="").status_code == 200
    catch_up(date(2026, 4, 2))
    assert "已提前到期" in text_of(first.get(page))
    told = text_of(reader.get(reverse("loan", args=[loan.pk])))
    assert "以后的利息不再收取" in told
    assert "提前到期" in text_of(reader.get(reverse("loan-statement", args=[loan.pk])))
    auditor = client_of(hire("auditor"))
    told = text_of(auditor.get(page))
    assert "试算提前到期" not in told
    assert "合同没有提前到期条款" not in told
    monkeypatch.setattr(papers, "TEXTS_WITH_RECALL", frozenset())
    assert "合同没有提前到期条款" in text_of(auditor.get(page))
    assert post(auditor, "propose-recall", loan, **BREACH, **PROOF).status_code == 404
    assert_books_hold()

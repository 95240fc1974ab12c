"""Take an approved portfolio over: parties, loans, history and balances, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import connection

from rongqiao.lending.origination.operations.signing.take_over import SignedElsewhere, take_over
from rongqiao.lending.products.queries import VersionView, list_products
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.imports import PortfolioImport
from rongqiao.lending.servicing.operations.end_of_day.release_loan import CloseUnderWay
from rongqiao.lending.servicing.operations.importing.decide_import import (
    ImportOutdated,
    ImportTotalsChanged,
)
from rongqiao.lending.servicing.operations.importing.deciding import (
    ImportNotWaiting,
    locked_import,
)
from rongqiao.lending.servicing.operations.importing.propose_import import ImportFaulty
from rongqiao.lending.servicing.operations.importing.writing import Arriving, write_loans
from rongqiao.lending.servicing.postings import Parts
from rongqiao.lending.servicing.queries.amending.imports import (
    Checked,
    Totals,
    check_portfolio,
    plain_totals,
)
from rongqiao.lending.servicing.taking_over.portfolio import Borrower
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.parties.operations.bring_in import CameIn, Newcomer, bring_in
from rongqiao.parties.queries import person_keys_of, user_of
from rongqiao.platform import files
from rongqiao.platform.ids import new_id
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class ImportOwnAffair(Refusal):
    """Who approved the import, or proposed it, owes one of its loans."""

    kind, code = Kind.FORBIDDEN, "servicing.import-own-affair"


@dataclass(frozen=True, kw_only=True)
class CarryOutImport:
    """The approved import."""

    import_id: UUID


@dataclass(frozen=True, kw_only=True)
class TakenOver:
    """How many parties are new here, and how many loans came."""

    import_id: UUID
    parties: int
    loans: int


@operation("servicing.carry-out-import", restore=TakenOver)
def carry_out_import(command: CarryOutImport, call: Call) -> TakenOver:
    """Check everything once more and write it, all or nothing.

    Raises NotFound, ImportNotWaiting, CloseUnderWay, ImportOutdated, ImportFaulty,
    ImportTotalsChanged, ImportOwnAffair.
    """
    made = locked_import(command.import_id)
    if made.state != "approved":
        raise ImportNotWaiting(state=made.state)
    _hold_day(made, call)
    contents = {name: files.read(UUID(file_id)) for name, file_id in made.files.items()}
    found = check_portfolio(contents, call.on)
    if found.totals is None:
        first = found.faults[0]
        raise ImportFaulty(
            count=str(found.fault_count), file=first.file, line=str(first.line), fault=first.code
        )
    if plain_totals(found.totals) != made.totals:
        raise ImportTotalsChanged(total=found.totals.principal.text())
    parties = bring_in([_newcomer(one) for one in found.portfolio.borrowers], call)
    _refuse_own(made, parties)
    journals = _book(made, parties, found.totals, call)
    arriving = _arriving(found, parties, call)
    write_loans(arriving, journals, call)
    approved_by = user_of(made.decided_by)
    assert approved_by is not None
    industries = {one.reference: one.industry for one in found.portfolio.borrowers}
    contracts = [_contract(one, industries[one.loan.borrower]) for one in arriving]
    take_over(contracts, approved_by, call)
    made.state, made.done_at = "done", call.at
    made.save(update_fields=["state", "done_at"])
    return TakenOver(
        import_id=made.pk,
        parties=sum(one.is_new for one in parties.values()),
        loans=len(arriving),
    )


def _hold_day(made: PortfolioImport, call: Call) -> None:
    """Keep the business date open until the transaction ends; it is the one that was checked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT servicing_hold_days()")
    business = BusinessDate.objects.get(pk=1)
    if EndOfDayStep.objects.filter(on=business.on).exists():
        raise CloseUnderWay(on=business.on.isoformat())
    if business.on != made.checked_on or call.on != business.on:
        raise ImportOutdated(on=made.checked_on.isoformat())


def _newcomer(one: Borrower) -> Newcomer:
    told = asdict(one)
    del told["industry"]
    return Newcomer(**told)


def _refuse_own(made: PortfolioImport, parties: Mapping[str, CameIn]) -> None:
    behind = {one.belonging.behind for one in parties.values()}
    for actor in (made.proposed_by, made.decided_by):
        user_id = user_of(actor)
        if user_id is not None and person_keys_of(user_id) & behind:
            raise ImportOwnAffair


def _book(
    made: PortfolioImport, parties: Mapping[str, CameIn], totals: Totals, call: Call
) -> Mapping[str, int]:
    """Open the accounts and their balances, a journal for each product; return them by product."""
    wallets = [postings.wallet(one.party_id) for one in parties.values()]
    accounts = [postings.TAKEN_OVER]
    for one in totals.products:
        accounts += postings.accounts_of_product(one.product)
    open_accounts([*accounts, *wallets], call)
    owing = [
        (
            one.product,
            Parts(
                principal=one.principal.minor,
                interest=one.interest.minor,
                penalty=one.penalty.minor,
                fee=one.fee.minor,
            ),
        )
        for one in totals.products
    ]
    owing = [(product, parts) for product, parts in owing if parts.total]
    journals = [
        postings.taking_over(made.number, product, parts, call.on) for product, parts in owing
    ]
    ids = post(journals, call)
    return {product: journal for (product, _), journal in zip(owing, ids, strict=True)}


def _arriving(found: Checked, parties: Mapping[str, CameIn], call: Call) -> list[Arriving]:
    versions: dict[str, VersionView] = {one.code: one for one in list_products(call.on)}
    return [
        Arriving(
            loan_id=new_id(call.at),
            agreement_id=new_id(call.at),
            party=parties[loan.borrower],
            loan=loan,
            standing=found.standings[loan.number],
            version=versions[loan.product],
        )
        for loan in found.portfolio.loans
    ]


def _contract(one: Arriving, industry: str) -> SignedElsewhere:
    return SignedElsewhere(
        agreement_id=one.agreement_id,
        number=one.loan.number,
        party_id=one.party.party_id,
        belonging=one.party.belonging,
        industry=industry,
        version_id=one.version.id,
        product_code=one.loan.product,
        amount=one.loan.principal,
        left=one.standing.principal,
        rate_annual=one.loan.rate,
        term_count=len(one.loan.rows),
        signed_on=one.loan.lent_on,
    )

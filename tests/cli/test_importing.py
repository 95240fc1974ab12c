"""`rongqiao import portfolio`: faults in both languages, totals, and a proposal by the machine."""

import csv
import json

import pytest
import typer

from rongqiao.cli.upkeep.importing import command
from rongqiao.lending.servicing.models.imports import PortfolioImport
from tests.makers import journeys
from tests.makers.brought import Brought


@pytest.fixture
def folder(call, tmp_path, settings):
    settings.OPERATOR_ROLE = "microloan_company"
    journeys.publish_first_products(call, journeys.make_staff(call))

    def make(made):
        for name, content in made.files().items():
            (tmp_path / f"{name}.csv").write_bytes(content)
        return tmp_path

    return make


def portfolio():
    made = Brought()
    return made.add("JK1", made.person(1))


def test_a_dry_run_tells_the_totals_and_keeps_nothing(folder, capsys):
    command("portfolio", folder(portfolio()))
    said = capsys.readouterr().out
    assert "1 loans of 1 borrowers, 12 instalments, 4 payments" in said
    assert "8000.00" in said
    assert not PortfolioImport.objects.exists()


def test_faults_are_told_in_both_languages_and_filed(folder, capsys, tmp_path):
    place = folder(portfolio().set("loans", 2, "principal", "1"))
    report = tmp_path / "faults.csv"
    with pytest.raises(typer.Exit) as left:
        command("portfolio", place, is_proposed=True, reason="旧系统", report=report)
    assert left.value.exit_code == 1
    said = capsys.readouterr().out
    assert "loans.csv:2 principal='1.00' import.principal-sum" in said
    assert "各期应还本金之和" in said
    assert "do not sum" in said or "does not sum" in said
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["allowed"] for row in rows] == ["12000.00"]
    assert not PortfolioImport.objects.exists()


def test_a_proposal_waits_for_a_person(folder, capsys):
    place = folder(portfolio())
    command("portfolio", place, is_proposed=True, reason="旧系统", as_json=True)
    told = json.loads(capsys.readouterr().out)
    row = PortfolioImport.objects.get()
    assert (told["proposed"], told["faults"], row.state) == (row.number, 0, "waiting")
    with pytest.raises(typer.Exit):
        command("portfolio", place, is_proposed=True, reason="旧系统")
    assert "servicing.import-known" in capsys.readouterr().err


@pytest.mark.parametrize(("what", "name"), [("people", "."), ("portfolio", "nowhere")])
def test_what_is_asked_wrongly_is_said(tmp_path, what, name, capsys):
    with pytest.raises(typer.Exit) as left:
        command(what, tmp_path / name)
    assert left.value.exit_code == 2
    assert "allowed" in capsys.readouterr().err

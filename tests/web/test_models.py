"""Scoring models at the desk: put forward by one, released by another, never changed."""

import io
import json
import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse

from rongqiao.cli.verify import check_all
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.registry import ModelDecision, ScoringModel
from rongqiao.risk.queries.modelling.registry import (
    ModelTampered,
    list_models,
    model_in_force,
    open_by_hash,
)
from rongqiao.risk.queries.modelling.training import Question, learn
from rongqiao.risk.scorecards.training import preparing
from rongqiao.risk.scorecards.training.report.words import WARNINGS
from rongqiao.web.backoffice.risk.models.words import NOTES
from tests.makers import journeys
from tests.risk.training import made
from tests.web.finance_desk import officer, rows_of_csv, rows_of_xlsx, send, text_of


@pytest.fixture(scope="module")
def trained():
    """Two models and a challenger, as `train` writes them."""
    found = []
    for seed in (7, 8):
        question = Question(name=f"made {seed}", target="是否逾期", on="2026-01-02")
        file = io.BytesIO(made.chinese(rows=600, seed=seed))
        found.append(learn(file, question, lambda *_: None, with_challenger=seed == 7))
    return [found[0].model, found[1].model, found[0].challenger]


@pytest.fixture
def staff(call):
    return journeys.make_staff(call)


@pytest.fixture
def desk(call, staff, static_files):
    """Two risk analysts."""
    return [officer(call, staff, "risk_analyst") for _ in range(2)]


def upload(client, body, code="person-card", reason="首个模型"):
    file = SimpleUploadedFile("model.json", body if isinstance(body, bytes) else body.encode())
    return send(client, "models", code=code, reason=reason, file=file)


def released(first, second, body, **more):
    answer = upload(first, body, **more)
    assert answer.status_code == 302, text_of(answer)
    model = ScoringModel.objects.latest("proposed_at", "number")
    answer = send(
        second, "model-act", model.pk, "release", effective_on=today(), sha256=model.sha256
    )
    assert answer.status_code == 302, text_of(answer)
    return model


def today():
    return clock.business_date().isoformat()


def states():
    return {(one.code, one.number): one.state for one in list_models(clock.business_date())}


def test_one_puts_a_model_forward_and_another_releases_it(desk, trained):
    first, second = desk
    assert "还没有评分模型" in text_of(first.get(reverse("models")))
    assert upload(first, trained[0]).status_code == 302
    model = ScoringModel.objects.get()
    page = reverse("model", args=[model.pk])
    shown = text_of(first.get(page))
    assert "须由另一位风控分析员放行" in shown
    assert "放行" not in [one["verb"].label for one in first.get(page).context["verbs"]]
    mine = send(first, "model-act", model.pk, "release", effective_on=today(), sha256=model.sha256)
    assert mine.status_code == 403
    assert model_in_force("person-card", clock.business_date()) is None
    other = send(second, "model-act", model.pk, "release", effective_on=today(), sha256="0" * 64)
    assert other.status_code == 422
    done = send(second, "model-act", model.pk, "release", effective_on=today(), sha256=model.sha256)
    assert done.status_code == 302
    assert states() == {("person-card", 1): "in-force"}
    in_force = model_in_force("person-card", clock.business_date())
    assert in_force is not None
    assert in_force.sha256 == model.sha256 == open_by_hash(model.sha256).sha256
    again = send(
        second, "model-act", model.pk, "release", effective_on=today(), sha256=model.sha256
    )
    assert again.status_code in {409, 422}
    assert ModelDecision.objects.count() == 1


def test_a_page_tells_card_bins_curve_and_groups(desk, trained, django_assert_max_num_queries):
    first, second = desk
    model = released(first, second, trained[0])
    page = reverse("model", args=[model.pk])
    with django_assert_max_num_queries(25):
        shown = text_of(first.get(page))
    for word in ("月收入", "负债率", "信息值", "ROC", "校准", "分组表现", model.sha256, "使用中"):
        assert word in shown
    for word in ("催收次数：排除", "性别：受保护属性", "交叉检验"):
        assert word in shown
    rows = rows_of_csv(first.get(page, {"format": "csv"}))
    assert {"月收入", "负债率"} <= {row["变量"] for row in rows}
    _heads, sheet = rows_of_xlsx(first.get(page, {"format": "xlsx"}), "变量")
    assert len(sheet) == len(rows)
    file = first.get(reverse("model-file", args=[model.pk]))
    assert file.content.decode() == trained[0]


def test_a_challenger_is_kept_too_and_two_models_are_compared(desk, trained):
    first, second = desk
    one = released(first, second, trained[0])
    two = released(first, second, trained[1])
    upload(first, trained[2], code="person-trees")
    assert states() == {
        ("person-card", 1): "replaced",
        ("person-card", 2): "in-force",
        ("person-trees", 1): "proposed",
    }
    trees = ScoringModel.objects.get(code="person-trees")
    assert "使用的列" in text_of(first.get(reverse("model", args=[trees.pk])))
    shown = text_of(first.get(reverse("models-compare"), {"a": one.pk, "b": two.pk}))
    assert "person-card 1" in shown
    assert "person-card 2" in shown
    # Cards on a phone say of which model each figure is.
    assert 'data-label="person-card 1"' in shown
    assert 'data-label="person-card 2"' in shown
    assert "月收入" in shown
    assert rows_of_csv(first.get(reverse("models-compare"), {"format": "csv"}))
    odd = first.get(reverse("models-compare"), {"a": "x", "b": str(uuid4())})
    assert odd.status_code == 200
    (row,) = [
        row
        for row in rows_of_csv(first.get(reverse("models"), {"format": "csv"}))
        if row["代码"] == "person-trees"
    ]
    assert row["状态"] == "待放行"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda body: body.replace("月收入", "月支出", 1), "与封存时不一致"),
        (lambda body: body[:-1], "与封存时不一致"),
        (lambda _body: "{}", "与封存时不一致"),
        (lambda _body: json.dumps({"kind": "oracle", "sha256": ""}), "不是本系统认得的评分模型"),
        (lambda _body: b"\xff\xfe\x00", "不是本系统认得的评分模型"),
    ],
)
def test_a_file_that_is_not_what_was_sealed_is_refused(desk, trained, change, said):
    answer = upload(desk[0], change(trained[0]))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not ScoringModel.objects.exists()


def test_the_same_file_twice_a_bad_code_and_no_reason_are_refused(desk, trained):
    first, second = desk
    assert upload(first, trained[0]).status_code == 302
    assert "已经提出过：person-card 第 1 版" in text_of(upload(second, trained[0], code="other"))
    assert "代码「Bad Code」不对" in text_of(upload(first, trained[1], code="Bad Code"))
    assert upload(first, trained[1], reason=" ").status_code == 422
    assert ScoringModel.objects.count() == 1


def test_a_model_is_retired_with_a_reason_and_counts_no_more(desk, trained):
    first, second = desk
    model = released(first, second, trained[0])
    assert send(first, "model-act", model.pk, "retire", effective_on=today()).status_code == 422
    past = send(first, "model-act", model.pk, "retire", effective_on="2020-01-01", reason="旧")
    assert past.status_code == 422
    assert "早于业务日期" in text_of(past)
    done = send(first, "model-act", model.pk, "retire", effective_on=today(), reason="数据源停供")
    assert done.status_code == 302
    assert states() == {("person-card", 1): "retired"}
    assert model_in_force("person-card", clock.business_date()) is None
    assert "数据源停供" in text_of(first.get(reverse("model", args=[model.pk])))
    assert send(first, "model-act", model.pk, "vanish").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [("approver", 200), ("auditor", 200), ("support", 404)]
)
def test_others_read_or_do_not_even_know(call, staff, desk, trained, role, status):
    first, second = desk
    model = released(first, second, trained[0])
    client = officer(call, staff, role)
    assert client.get(reverse("models")).status_code == status
    assert client.get(reverse("model", args=[model.pk])).status_code == status
    assert client.get(reverse("models-compare")).status_code == status
    assert upload(client, trained[1]).status_code == 404
    assert send(client, "model-act", model.pk, "retire").status_code == 404
    assert client.get(reverse("model", args=[uuid4()])).status_code == 404


def test_a_changed_byte_in_the_table_is_noticed_and_nothing_is_scored_by_it(desk, trained, caplog):
    first, second = desk
    good = released(first, second, trained[0])
    body = trained[1].replace("月收入", "月支出", 1)
    told = json.loads(trained[1])["sha256"]
    changed = ScoringModel.objects.get()
    changed.pk, changed.number, changed.sha256, changed.body = uuid4(), 2, told, body
    changed.save(force_insert=True)
    word = ModelDecision.objects.get()
    word.pk, word.model = uuid4(), changed
    word.save(force_insert=True)
    assert states() == {("person-card", 1): "replaced", ("person-card", 2): "in-force"}
    with pytest.raises(ModelTampered):
        model_in_force("person-card", clock.business_date())
    with pytest.raises(ModelTampered):
        open_by_hash(told)
    assert "is not what was sealed" in caplog.text
    answer = first.get(reverse("model", args=[changed.pk]))
    assert answer.status_code == 409
    assert "警报" in text_of(answer)
    compared = first.get(reverse("models-compare"), {"a": good.pk, "b": changed.pk})
    assert compared.status_code == 409
    assert "警报" in text_of(compared)
    law = next(one for one in check_all() if "scoring models" in one.law)
    assert (law.checked, law.broken, law.examples) == (2, 1, ("person-card 2",))
    with pytest.raises(NotFound):
        open_by_hash("f" * 64)


@pytest.mark.parametrize("table", ["risk_scoringmodel", "risk_modeldecision"])
@pytest.mark.parametrize("write", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.django_db
def test_the_application_can_neither_change_nor_remove_a_model(table, write):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(write.format(table))


def test_the_database_itself_holds_that_two_people_released(desk, trained):
    upload(desk[0], trained[0])
    model = ScoringModel.objects.get()
    with pytest.raises(IntegrityError, match="model_decision_by_two"), transaction.atomic():
        ModelDecision.objects.create(
            id=uuid4(),
            model=model,
            word="released",
            effective_on="2026-01-05",
            proposed_by=model.proposed_by,
            decided_by=model.proposed_by,
            decided_at=model.proposed_at,
        )


def test_whatever_training_warns_of_has_a_sentence_in_the_report_and_words_on_the_page():
    source = Path(preparing.__file__).parent
    raised = set()
    for file in source.glob("*.py"):
        raised |= set(re.findall(r'code="([a-z-]+)"', file.read_text()))
    assert raised
    assert raised - WARNINGS.keys() == set()
    assert WARNINGS.keys() == NOTES.keys()

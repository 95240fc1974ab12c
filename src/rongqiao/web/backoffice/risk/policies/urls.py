"""Addresses of the room of credit policies."""

from django.urls import path

from rongqiao.web.backoffice.risk.policies import (
    backtests,
    compare,
    drafts,
    overview,
    versions,
)
from rongqiao.web.backoffice.risk.policies.editing import pages

urlpatterns = [
    path("", overview.policy_list, name="policies"),
    path("drafts/<uuid:draft_id>/", drafts.draft_page, name="policy-draft"),
    path("drafts/<uuid:draft_id>/propose/", drafts.propose, name="policy-propose"),
    path("drafts/<uuid:draft_id>/drop/", drafts.drop, name="policy-drop"),
    path("drafts/<uuid:draft_id>/json", drafts.draft_json, name="policy-draft-json"),
    path("drafts/<uuid:draft_id>/edit/<slug:section>/", pages.edit, name="policy-edit"),
    path("drafts/<uuid:draft_id>/try/", backtests.try_draft, name="policy-try-draft"),
    path("versions/<uuid:version_id>/", versions.version_page, name="policy-version"),
    path("versions/<uuid:version_id>/json", versions.version_json, name="policy-json"),
    path("versions/<uuid:version_id>/draft/", overview.start, name="policy-start"),
    path("versions/<uuid:version_id>/try/", backtests.try_version, name="policy-try"),
    path(
        "versions/<uuid:version_id>/against/<uuid:other_id>/",
        compare.compare_page,
        name="policy-compare",
    ),
    path("versions/<uuid:version_id>/<slug:verb>/", versions.act, name="policy-version-act"),
    path("backtests/<uuid:backtest_id>/", backtests.backtest, name="policy-backtest"),
    path("backtests/<uuid:backtest_id>/stand/", backtests.stand, name="policy-backtest-stand"),
    path("<slug:code>/", overview.history, name="policy-history"),
]

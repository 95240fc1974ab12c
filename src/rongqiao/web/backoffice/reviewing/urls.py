"""Addresses of the review desk."""

from django.urls import path

from rongqiao.web.backoffice.reviewing import cases, overrides, queue, trace, viewer

CASE = "cases/<uuid:application_id>/"

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("queue/next/", queue.next_one, name="queue-next"),
    path("queue/overrides/", overrides.monitor, name="overrides"),
    path(CASE, cases.case, name="case"),
    path(f"{CASE}papers/", viewer.viewer, name="case-papers"),
    path(f"{CASE}files/<uuid:document_id>", viewer.document, name="case-file"),
    path(f"{CASE}files/<uuid:document_id>/<int:number>/", viewer.page, name="case-page"),
    path(f"{CASE}decisions/<int:number>/", trace.trace, name="case-decision"),
    path(f"{CASE}decisions/<int:number>/record.json", trace.record, name="case-decision-record"),
    path(f"{CASE}<str:verb>/", cases.act, name="case-act"),
]

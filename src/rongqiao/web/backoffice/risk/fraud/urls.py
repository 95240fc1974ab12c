"""Addresses of the room of fraud."""

from django.urls import path

from rongqiao.web.backoffice.risk.fraud import cases, lists, queue, rings, search

urlpatterns = [
    path("", queue.queue, name="fraud"),
    path("next/", queue.next_one, name="fraud-next"),
    path("cases/<uuid:case_id>/", cases.case, name="fraud-case"),
    path("cases/<uuid:case_id>/<slug:verb>/", cases.act, name="fraud-case-act"),
    path("rings/", rings.ring_list, name="fraud-rings"),
    path("rings/<uuid:ring_id>/", rings.ring, name="fraud-ring"),
    path("lists/", lists.entry_list, name="fraud-lists"),
    path("lists/<uuid:entry_id>/<slug:verb>/", lists.act, name="fraud-list-act"),
    path("search/", search.search, name="fraud-search"),
    path("subjects/<uuid:subject_id>/", search.subject, name="fraud-subject"),
]

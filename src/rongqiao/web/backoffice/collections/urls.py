"""Addresses of the collectors' desk."""

from django.urls import path

from rongqiao.web.backoffice.collections import cases, effectiveness, queue

urlpatterns = [
    path("collections/", queue.queue, name="collections"),
    path("collections/next/", queue.next_one, name="collections-next"),
    path("collections/proposals/", queue.proposals, name="collection-proposals"),
    path("collections/effect/", effectiveness.effect, name="collection-effect"),
    path("collections/<uuid:case_id>/", cases.case, name="collection-case"),
    path("collections/<uuid:case_id>/<str:verb>/", cases.act, name="collection-act"),
]

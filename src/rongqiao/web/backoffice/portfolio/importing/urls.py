"""Addresses of imports."""

from django.urls import path

from rongqiao.web.backoffice.portfolio.importing import pages

urlpatterns = [
    path("", pages.import_list, name="imports"),
    path("new/", pages.new_import, name="new-import"),
    path("templates/<slug:name>.csv", pages.template_file, name="import-template"),
    path("<uuid:import_id>/", pages.import_page, name="import"),
    path("<uuid:import_id>/<slug:verb>/", pages.act, name="import-act"),
]

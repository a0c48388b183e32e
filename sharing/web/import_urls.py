"""Where the pages of imports stand."""

from django.urls import path

from sharing.web import import_comparison, import_detail, import_findings, imports

import_patterns = [
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.create, name="new-import"),
    path("imports/<uuid:import_id>/", import_detail.detail, name="import"),
    path("imports/<uuid:import_id>/findings/", import_findings.index, name="import-findings"),
    path("imports/<uuid:import_id>/comparison/", import_comparison.index, name="import-comparison"),
    path("imports/<uuid:import_id>/receipt/", import_detail.receipt, name="import-receipt"),
    path("imports/<uuid:import_id>/release/", import_detail.release, name="release-import"),
    path("imports/<uuid:import_id>/cancel/", import_detail.cancel, name="cancel-import"),
    path("imports/<uuid:import_id>/undo/", import_detail.undo, name="undo-import"),
]

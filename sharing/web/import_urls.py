"""Where the pages of imports stand."""

from django.urls import path

from sharing.web import (
    import_columns,
    import_comparison,
    import_detail,
    import_findings,
    import_mending,
    imports,
    single_entry,
)

import_patterns = [
    path("imports/", imports.index, name="imports"),
    path("imports/new/", imports.create, name="new-import"),
    path("imports/entry/", single_entry.create, name="single-entry"),
    path("imports/<uuid:import_id>/", import_detail.detail, name="import"),
    path("imports/<uuid:import_id>/findings/", import_findings.index, name="import-findings"),
    path("imports/<uuid:import_id>/mend/", import_mending.index, name="import-mending"),
    path("imports/<uuid:import_id>/mend/cell/", import_mending.cell, name="mend-cell"),
    path("imports/<uuid:import_id>/mend/accept/", import_mending.accept, name="mend-accept"),
    path("imports/<uuid:import_id>/mend/leave-out/", import_mending.leave_out, name="mend-out"),
    path("imports/<uuid:import_id>/mend/check/", import_mending.check, name="check-again"),
    path("imports/<uuid:import_id>/mend/row-<int:row>/", import_mending.row, name="mend-row"),
    path("imports/<uuid:import_id>/workbook/", import_mending.workbook, name="faulty-workbook"),
    path("imports/<uuid:import_id>/columns/", import_columns.index, name="import-columns"),
    path("imports/<uuid:import_id>/comparison/", import_comparison.index, name="import-comparison"),
    path("imports/<uuid:import_id>/compare/", import_comparison.order, name="compare-import"),
    path("imports/<uuid:import_id>/receipt/", import_detail.receipt, name="import-receipt"),
    path("imports/<uuid:import_id>/release/", import_detail.release, name="release-import"),
    path("imports/<uuid:import_id>/cancel/", import_detail.cancel, name="cancel-import"),
    path("imports/<uuid:import_id>/undo/", import_detail.undo, name="undo-import"),
]

"""Where the pages of the register stand: entries, doubts, mergers, rules of lists."""

from django.urls import path

from sharing.web import duplicates, list_rules, register

register_patterns = [
    path("enterprises/<str:uscc>/register/", register.show, name="register-entry"),
    path("enterprises/<str:uscc>/register/<slug:what>/", register.change, name="change-register"),
    path("enterprises/<str:uscc>/untag/<uuid:tag_id>/", register.untag, name="untag-enterprise"),
    path("duplicates/", duplicates.index, name="duplicates"),
    path("duplicates/find/", duplicates.find, name="find-duplicates"),
    path("duplicates/<uuid:candidate_id>/", duplicates.detail, name="duplicate"),
    path("duplicates/<uuid:candidate_id>/merge/", duplicates.merge, name="merge-duplicate"),
    path("duplicates/<uuid:candidate_id>/dismiss/", duplicates.dismiss, name="dismiss-duplicate"),
    path("merges/", duplicates.merge_index, name="merges"),
    path("merges/<uuid:merge_id>/", duplicates.merge_detail, name="merge"),
    path("merges/<uuid:merge_id>/release/", duplicates.merge_release, name="release-merge"),
    path("merges/<uuid:merge_id>/cancel/", duplicates.merge_cancel, name="cancel-merge"),
    path(
        "merges/<uuid:merge_id>/prepare-undo/",
        duplicates.merge_prepare_undo,
        name="prepare-undo-merge",
    ),
    path("merges/<uuid:merge_id>/undo/", duplicates.merge_undo, name="undo-merge"),
    path("enterprise-lists/<uuid:list_id>/rule/", list_rules.rule, name="list-rule"),
    path("enterprise-lists/<uuid:list_id>/run/", list_rules.run, name="run-list-rule"),
    path("list-runs/<uuid:run_id>/", list_rules.difference, name="list-run"),
    path("list-runs/<uuid:run_id>/adopt/", list_rules.adopt, name="adopt-list-run"),
    path("list-runs/<uuid:run_id>/discard/", list_rules.discard, name="discard-list-run"),
]

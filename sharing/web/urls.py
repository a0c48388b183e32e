"""Where the pages of sharing stand."""

from django.urls import path

from sharing.web import (
    agreements,
    collection_rounds,
    consent_links,
    consents,
    data_quality,
    disputes,
    enterprise_lists,
    enterprises,
    list_migrations,
    record_changes,
    refresh_requests,
    reverification,
    rule_trials,
)
from sharing.web.declaration_urls import declaration_patterns
from sharing.web.import_urls import import_patterns
from sharing.web.register_urls import register_patterns

app_name = "sharing"

sharing_patterns = [
    path(
        "rule-trials/<str:code>/<int:number>/<str:rule_code>/",
        rule_trials.trial,
        name="rule-trial",
    ),
    path(
        "rule-trials/<str:code>/<int:number>/<str:rule_code>/order/",
        rule_trials.order,
        name="order-rule-trial",
    ),
    path("enterprises/", enterprises.index, name="enterprises"),
    path("enterprises/<str:uscc>/", enterprises.detail, name="enterprise"),
    path("enterprises/<str:uscc>/history/", enterprises.history, name="enterprise-history"),
    path("enterprises/<str:uscc>/readers/", enterprises.readers, name="enterprise-readers"),
    path("enterprises/<str:uscc>/items/<str:code>/", enterprises.item, name="enterprise-item"),
    path("enterprise-lists/", enterprise_lists.index, name="enterprise-lists"),
    path("enterprise-lists/new/", enterprise_lists.create, name="new-enterprise-list"),
    path("enterprise-lists/<uuid:list_id>/", enterprise_lists.detail, name="enterprise-list"),
    path(
        "enterprise-lists/<uuid:list_id>/add/", enterprise_lists.add, name="extend-enterprise-list"
    ),
    path(
        "enterprise-lists/<uuid:list_id>/remove/",
        enterprise_lists.remove,
        name="reduce-enterprise-list",
    ),
    path(
        "enterprise-lists/<uuid:list_id>/share/",
        enterprise_lists.share,
        name="share-enterprise-list",
    ),
    path(
        "enterprise-lists/<uuid:list_id>/unshare/<uuid:recipient_id>/",
        enterprise_lists.unshare,
        name="unshare-enterprise-list",
    ),
    path("agreements/", agreements.index, name="agreements"),
    path("agreements/new/", agreements.create, name="new-agreement"),
    path("agreements/<uuid:agreement_id>/", agreements.detail, name="agreement"),
    path(
        "agreements/<uuid:agreement_id>/activate/", agreements.activate, name="activate-agreement"
    ),
    path("agreements/<uuid:agreement_id>/suspend/", agreements.suspend, name="suspend-agreement"),
    path("agreements/<uuid:agreement_id>/end/", agreements.end, name="end-agreement"),
    path("consents/", consents.index, name="consents"),
    path("consents/new/", consents.create, name="new-consent"),
    path("consents/by-link/", consent_links.show, name="consent-by-link"),
    path("consents/by-link/decide/", consent_links.decide, name="decide-by-link"),
    path("consents/<uuid:consent_id>/", consents.detail, name="consent"),
    path("consents/<uuid:consent_id>/grant/", consents.grant, name="grant-consent"),
    path("consents/<uuid:consent_id>/refuse/", consents.refuse, name="refuse-consent"),
    path("consents/<uuid:consent_id>/withdraw/", consents.withdraw, name="withdraw-consent"),
    path("record-changes/", record_changes.index, name="record-changes"),
    path("record-changes/new/", record_changes.create, name="new-record-change"),
    path("record-changes/<uuid:change_id>/", record_changes.detail, name="record-change"),
    path(
        "record-changes/<uuid:change_id>/release/",
        record_changes.release,
        name="release-record-change",
    ),
    path(
        "record-changes/<uuid:change_id>/cancel/",
        record_changes.cancel,
        name="cancel-record-change",
    ),
    path("collection-rounds/", collection_rounds.index, name="collection-rounds"),
    path("collection-rounds/new/", collection_rounds.create, name="new-collection-round"),
    path("collection-rounds/<uuid:round_id>/", collection_rounds.detail, name="collection-round"),
    path(
        "collection-rounds/<uuid:round_id>/missing/",
        collection_rounds.missing,
        name="collection-round-missing",
    ),
    path(
        "collection-rounds/<uuid:round_id>/close/",
        collection_rounds.close,
        name="close-collection-round",
    ),
    path("list-migrations/", list_migrations.index, name="list-migrations"),
    path(
        "list-migrations/prepare/<str:code>/<int:number>/",
        list_migrations.prepare,
        name="prepare-list-migration",
    ),
    path("list-migrations/<uuid:migration_id>/", list_migrations.detail, name="list-migration"),
    path(
        "list-migrations/<uuid:migration_id>/enterprises/",
        list_migrations.enterprises,
        name="list-migration-enterprises",
    ),
    path(
        "list-migrations/<uuid:migration_id>/release/",
        list_migrations.release,
        name="release-list-migration",
    ),
    path(
        "list-migrations/<uuid:migration_id>/discard/",
        list_migrations.discard,
        name="discard-list-migration",
    ),
    path(
        "list-migrations/<uuid:migration_id>/undo/",
        list_migrations.undo,
        name="undo-list-migration",
    ),
    path("data-quality/", data_quality.index, name="data-quality"),
    path("data-quality/without/", data_quality.without, name="data-quality-without"),
    path("due-items/", reverification.index, name="due-items"),
    path("due-items/confirm/", reverification.confirm, name="confirm-due-items"),
    path("source-runs/", reverification.runs, name="source-runs"),
    path("source-runs/new/", reverification.order, name="new-source-run"),
    path("disputes/", disputes.index, name="disputes"),
    path("disputes/new/", disputes.create, name="new-dispute"),
    path("disputes/<uuid:dispute_id>/", disputes.detail, name="dispute"),
    path("disputes/<uuid:dispute_id>/uphold/", disputes.uphold, name="uphold-dispute"),
    path("disputes/<uuid:dispute_id>/reject/", disputes.reject, name="reject-dispute"),
    path("disputes/<uuid:dispute_id>/cancel/", disputes.cancel, name="cancel-dispute"),
    path("refresh-requests/", refresh_requests.index, name="refresh-requests"),
    path("refresh-requests/new/", refresh_requests.create, name="new-refresh-request"),
    path("refresh-requests/<uuid:request_id>/", refresh_requests.detail, name="refresh-request"),
    path(
        "refresh-requests/<uuid:request_id>/answer/",
        refresh_requests.answer,
        name="answer-refresh-request",
    ),
    path(
        "refresh-requests/<uuid:request_id>/forward/",
        refresh_requests.forward,
        name="forward-refresh-request",
    ),
    path(
        "refresh-requests/<uuid:request_id>/decline/",
        refresh_requests.decline,
        name="decline-refresh-request",
    ),
    path(
        "refresh-requests/<uuid:request_id>/cancel/",
        refresh_requests.cancel,
        name="cancel-refresh-request",
    ),
]

urlpatterns = [*import_patterns, *register_patterns, *declaration_patterns, *sharing_patterns]

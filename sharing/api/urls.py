from django.urls import path
from rest_framework.routers import SimpleRouter

from sharing.api.agreements import AgreementViewSet, RecallViewSet
from sharing.api.changes import ChangeViewSet
from sharing.api.collection_rounds import CollectionRoundViewSet
from sharing.api.consents import ConsentViewSet, GrantByToken
from sharing.api.data_quality import DataQualityViewSet
from sharing.api.declarations import DeclarationViewSet
from sharing.api.disputes import DisputeViewSet
from sharing.api.duplicates import DuplicateViewSet, MergeViewSet
from sharing.api.enterprise_lists import EnterpriseListViewSet
from sharing.api.enterprises import EnterpriseViewSet
from sharing.api.imports import ImportViewSet
from sharing.api.list_migrations import ListMigrationViewSet
from sharing.api.list_rules import ListRuleViewSet, ListRunViewSet
from sharing.api.record_changes import RecordChangeViewSet
from sharing.api.refresh_requests import RefreshRequestViewSet
from sharing.api.register import RegisterViewSet
from sharing.api.reverification import DueItemViewSet, SourceRunViewSet
from sharing.api.rule_trials import RuleTrialViewSet
from sharing.api.uploads import UploadViewSet

router = SimpleRouter(use_regex_path=False)
router.register("agreements", AgreementViewSet, basename="agreement")
router.register("changes", ChangeViewSet, basename="change")
router.register("collection-rounds", CollectionRoundViewSet, basename="collection-round")
router.register("consents", ConsentViewSet, basename="consent")
router.register("declarations", DeclarationViewSet, basename="declaration")
router.register("duplicates", DuplicateViewSet, basename="duplicate")
router.register("enterprise-lists", EnterpriseListViewSet, basename="enterprise-list")
router.register("enterprises", EnterpriseViewSet, basename="enterprise")
router.register("imports", ImportViewSet, basename="import")
router.register("list-migrations", ListMigrationViewSet, basename="list-migration")
router.register("recalls", RecallViewSet, basename="recall")
router.register("record-changes", RecordChangeViewSet, basename="record-change")
router.register("disputes", DisputeViewSet, basename="dispute")
router.register("refresh-requests", RefreshRequestViewSet, basename="refresh-request")
router.register("data-quality", DataQualityViewSet, basename="data-quality")
router.register("due-items", DueItemViewSet, basename="due-item")
router.register("rule-trials", RuleTrialViewSet, basename="rule-trial")
router.register("source-runs", SourceRunViewSet, basename="source-run")
router.register("list-rules", ListRuleViewSet, basename="list-rule")
router.register("list-runs", ListRunViewSet, basename="list-run")
router.register("merges", MergeViewSet, basename="merge")
router.register("register", RegisterViewSet, basename="register")

router.register("uploads", UploadViewSet, basename="upload")

urlpatterns = [
    path("consents/grant-by-token/", GrantByToken.as_view(), name="consent-grant-by-token"),
    *router.urls,
]

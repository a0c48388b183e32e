from django.urls import path

from factors.api.comparisons import ComparisonViewSet
from factors.api.consultations import ConsultationViewSet, VersionConsultationViewSet
from factors.api.drafts import DraftViewSet
from factors.api.factor_lists import FactorListVersionViewSet
from factors.api.interchange import ListFileViewSet
from factors.api.lives import ListStartViewSet, VersionLifeViewSet
from factors.api.sign_offs import SignatureViewSet

VERSION = "factor-lists/<str:code>/versions/<int:number>/"
DRAFT = f"{VERSION}draft/"
CONSULTATION = "consultations/<uuid:id>/"

# Work on a draft: each is one step, or the last one taken back.
STEPS = {
    "members": "set_members",
    "items": "add_item",
    "items/remove": "remove_items",
    "items/copy": "copy_items",
    "items/move": "move_item",
    "rules": "set_rule",
    "first-day": "set_first_day",
    "migration": "set_migration_step",
    "migration/propose": "propose_migration",
    "undo": "undo",
}
LIFE = {
    "submit": "submit",
    "return": "give_back",
    "deadline": "deadline",
    "publish": "publish",
    "withdraw": "withdraw",
}

urlpatterns = [
    path(
        "factor-lists/",
        ListStartViewSet.as_view({"get": "list", "post": "create"}),
        name="factor-lists",
    ),
    path(
        VERSION,
        FactorListVersionViewSet.as_view({"get": "retrieve"}),
        name="factor-list-version",
    ),
    path(
        f"{VERSION}schema.json",
        FactorListVersionViewSet.as_view({"get": "record_schema"}),
        name="factor-list-schema",
    ),
    path(
        f"{VERSION}template.xlsx",
        FactorListVersionViewSet.as_view({"get": "template"}),
        name="factor-list-template",
    ),
    path(
        "factor-lists/<str:code>/comparison/",
        ComparisonViewSet.as_view({"get": "retrieve"}),
        name="factor-list-comparison",
    ),
    path(
        "factor-lists/import/",
        ListFileViewSet.as_view({"post": "create"}),
        name="factor-list-import",
    ),
    path(
        f"{VERSION}export.<str:form>",
        ListFileViewSet.as_view({"get": "export"}),
        name="factor-list-export",
    ),
    path(
        f"{VERSION}catalogue.<str:form>",
        ListFileViewSet.as_view({"get": "printed"}),
        name="factor-list-catalogue",
    ),
    path(
        f"{VERSION}table-schema.json",
        ListFileViewSet.as_view({"get": "table_schema"}),
        name="factor-list-table-schema",
    ),
    path(
        f"{VERSION}signatures/",
        SignatureViewSet.as_view({"get": "list", "post": "create"}),
        name="factor-list-signatures",
    ),
    path(
        f"{VERSION}signatures/changes/",
        SignatureViewSet.as_view({"get": "changes"}),
        name="factor-list-changed-since",
    ),
    path(
        "factor-lists/<str:code>/versions/",
        ListStartViewSet.as_view({"post": "next_version"}),
        name="factor-list-versions",
    ),
    path(
        "factor-lists/<str:code>/signers/",
        ListStartViewSet.as_view({"put": "signers"}),
        name="factor-list-signers",
    ),
    path(
        DRAFT,
        DraftViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="factor-draft",
    ),
    path(f"{DRAFT}steps/", DraftViewSet.as_view({"get": "list"}), name="factor-draft-steps"),
    *(
        path(
            f"{DRAFT}{place}/",
            DraftViewSet.as_view({"post": action}),
            name=f"factor-draft-{place.replace('/', '-')}",
        )
        for place, action in STEPS.items()
    ),
    *(
        path(
            f"{VERSION}{place}/",
            VersionLifeViewSet.as_view({"post": action}),
            name=f"factor-list-{place}",
        )
        for place, action in LIFE.items()
    ),
    path(
        f"{VERSION}consultations/",
        VersionConsultationViewSet.as_view({"post": "create"}),
        name="factor-list-consultations",
    ),
    path("consultations/", ConsultationViewSet.as_view({"get": "list"}), name="consultations"),
    path(CONSULTATION, ConsultationViewSet.as_view({"get": "retrieve"}), name="consultation"),
    path(
        f"{CONSULTATION}comments/",
        ConsultationViewSet.as_view({"get": "comments", "post": "comment"}),
        name="consultation-comments",
    ),
    path(
        f"{CONSULTATION}comments/<uuid:comment_id>/answer/",
        ConsultationViewSet.as_view({"post": "answer"}),
        name="consultation-answer",
    ),
    path(
        f"{CONSULTATION}extend/",
        ConsultationViewSet.as_view({"post": "extend"}),
        name="consultation-extend",
    ),
    path(
        f"{CONSULTATION}close/",
        ConsultationViewSet.as_view({"post": "close"}),
        name="consultation-close",
    ),
]

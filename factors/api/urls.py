from django.urls import path

from factors.api.comparisons import ComparisonViewSet
from factors.api.factor_lists import FactorListVersionViewSet, FactorListViewSet
from factors.api.sign_offs import SignatureViewSet

VERSION = "factor-lists/<str:code>/versions/<int:number>/"

urlpatterns = [
    path("factor-lists/", FactorListViewSet.as_view({"get": "list"}), name="factor-lists"),
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
        f"{VERSION}signatures/",
        SignatureViewSet.as_view({"get": "list"}),
        name="factor-list-signatures",
    ),
]

from django.urls import path

from factors.web import comparisons, factor_lists, items, sign_offs

app_name = "factors"

VERSION = "lists/<str:code>/versions/<int:number>/"

urlpatterns = [
    path("lists/", factor_lists.index, name="lists"),
    path("lists/<str:code>/compare/", comparisons.compare, name="compare"),
    path(VERSION, items.index, name="version"),
    path(f"{VERSION}items/<str:item_code>/", items.detail, name="item"),
    path(f"{VERSION}rules/", factor_lists.rules, name="rules"),
    path(f"{VERSION}signatures/", sign_offs.index, name="signatures"),
    path(f"{VERSION}sign/", sign_offs.sign, name="sign"),
    path(f"{VERSION}refuse/", sign_offs.refuse, name="refuse"),
    path(f"{VERSION}template.xlsx", factor_lists.template, name="template"),
    path(f"{VERSION}schema.json", factor_lists.schema, name="schema"),
]

"""Where the pages of declarations stand."""

from django.urls import path

from sharing.web import declaration_asking, declaration_entry, declarations

declaration_patterns = [
    path("declarations/", declarations.index, name="declarations"),
    path("declarations/new/", declaration_asking.create, name="new-declaration"),
    path(
        "declarations/for-round/<uuid:round_id>/",
        declaration_asking.for_round,
        name="ask-for-round",
    ),
    path("declarations/take/", declarations.take, name="take-declarations"),
    path("declarations/by-link/", declaration_entry.by_link, name="declaration-by-link"),
    path(
        "declarations/by-link/declare/",
        declaration_entry.declare_by_link,
        name="declare-by-link",
    ),
    path("declarations/<uuid:declaration_id>/", declarations.detail, name="declaration"),
    path(
        "declarations/<uuid:declaration_id>/declare/",
        declaration_entry.declare,
        name="declare",
    ),
    path(
        "declarations/<uuid:declaration_id>/return/",
        declarations.return_,
        name="return-declaration",
    ),
    path(
        "declarations/<uuid:declaration_id>/cancel/",
        declarations.cancel,
        name="cancel-declaration",
    ),
    path("declarations/<uuid:declaration_id>/send/", declarations.send, name="send-declaration"),
    path("declarations/<uuid:declaration_id>/link/", declarations.link, name="declaration-link"),
]

from django.urls import path

from factors.web import (
    comparisons,
    consultations,
    editor,
    editor_previews,
    factor_lists,
    items,
    lives,
    rules,
    sign_offs,
)

app_name = "factors"

VERSION = "lists/<str:code>/versions/<int:number>/"

urlpatterns = [
    path("lists/", factor_lists.index, name="lists"),
    path("lists/new/", lives.new, name="new"),
    path("consultations/", consultations.index, name="consultations"),
    path("consultations/<uuid:consultation_id>/", consultations.detail, name="consultation"),
    path("consultations/<uuid:consultation_id>/comment/", consultations.comment, name="comment"),
    path(
        "consultations/<uuid:consultation_id>/comments/<uuid:comment_id>/answer/",
        consultations.answer,
        name="answer-comment",
    ),
    path("consultations/<uuid:consultation_id>/extend/", consultations.extend, name="extend"),
    path("consultations/<uuid:consultation_id>/close/", consultations.close, name="close"),
    path("lists/<str:code>/next/", lives.start_next, name="next"),
    path("lists/<str:code>/signers/", lives.settings, name="settings"),
    path("lists/<str:code>/compare/", comparisons.compare, name="compare"),
    path(VERSION, items.index, name="version"),
    path(f"{VERSION}items/<str:item_code>/", items.detail, name="item"),
    path(f"{VERSION}rules/", factor_lists.rules, name="rules"),
    path(f"{VERSION}signatures/", sign_offs.index, name="signatures"),
    path(f"{VERSION}state/", lives.state, name="state"),
    path(f"{VERSION}submit/", lives.submit, name="submit"),
    path(f"{VERSION}return/", lives.give_back, name="return"),
    path(f"{VERSION}deadline/", lives.deadline, name="deadline"),
    path(f"{VERSION}first-day/", lives.first_day, name="first-day"),
    path(f"{VERSION}publish/", lives.publish, name="publish"),
    path(f"{VERSION}withdraw/", lives.withdraw, name="withdraw"),
    path(f"{VERSION}discard/", lives.discard, name="discard"),
    path(f"{VERSION}consult/", consultations.open_, name="consult"),
    path(f"{VERSION}edit/", editor.index, name="edit"),
    path(f"{VERSION}edit/add/", editor.add, name="edit-add"),
    path(f"{VERSION}edit/copy/", editor.copy, name="edit-copy"),
    path(f"{VERSION}edit/bulk/", editor.bulk, name="edit-bulk"),
    path(f"{VERSION}edit/undo/", editor.undo, name="edit-undo"),
    path(f"{VERSION}edit/rules/", rules.index, name="edit-rules"),
    path(f"{VERSION}edit/rules/<str:rule_code>/", rules.detail, name="edit-rule"),
    path(f"{VERSION}edit/preview/", editor_previews.preview, name="edit-preview"),
    path(f"{VERSION}edit/items/<str:item_code>/", editor.item, name="edit-item"),
    path(f"{VERSION}edit/items/<str:item_code>/row/", editor.row, name="edit-row"),
    path(
        f"{VERSION}edit/items/<str:item_code>/<slug:field>/",
        editor.member,
        name="edit-member",
    ),
    path(f"{VERSION}ask-for-changes/", sign_offs.ask_for_changes, name="ask-for-changes"),
    path(f"{VERSION}remark/", sign_offs.remark, name="remark"),
    path(f"{VERSION}sign/", sign_offs.sign, name="sign"),
    path(f"{VERSION}refuse/", sign_offs.refuse, name="refuse"),
    path(f"{VERSION}template.xlsx", factor_lists.template, name="template"),
    path(f"{VERSION}schema.json", factor_lists.schema, name="schema"),
]

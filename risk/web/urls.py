"""The pages of risk, under /risk/."""

from django.urls import path

from risk.web import cases, floors, reports, rules, signals

app_name = "risk"

urlpatterns = [
    path("signals/", signals.index, name="signals"),
    path("signals/new/", reports.create, name="report-signal"),
    path("signals/<uuid:signal_id>/", signals.detail, name="signal"),
    path("signals/<uuid:signal_id>/claim/", signals.claim, name="claim-signal"),
    path("signals/<uuid:signal_id>/act/", signals.act, name="act-on-signal"),
    path("signals/<uuid:signal_id>/case/", signals.open_case, name="open-case"),
    path("cases/", cases.index, name="cases"),
    path("cases/<uuid:case_id>/", cases.detail, name="case"),
    path("cases/<uuid:case_id>/act/", cases.act, name="act-on-case"),
    path("cases/<uuid:case_id>/steps/<uuid:step_id>/confirm/", cases.confirm, name="confirm-step"),
    path("cases/<uuid:case_id>/close/", cases.close, name="close-case"),
    path("rules/", rules.index, name="rules"),
    path("floor/", floors.calculate, name="floor"),
]

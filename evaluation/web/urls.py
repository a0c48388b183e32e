"""Where the pages of evaluation stand."""

from django.urls import path

from evaluation.web import enterprises, evaluate, scorecard_pages, simulations

app_name = "evaluation"

urlpatterns = [
    path("enterprises/", enterprises.index, name="enterprises"),
    path("enterprises/<str:uscc>/", enterprises.detail, name="enterprise"),
    path("enterprises/<str:uscc>/again/", evaluate.again, name="evaluate-again"),
    path("evaluations/new/", evaluate.one, name="new-evaluation"),
    path("evaluations/<uuid:evaluation_id>/", enterprises.evaluation, name="evaluation"),
    path("batches/new/", evaluate.new_batch, name="new-batch"),
    path("batches/<uuid:job_id>/", evaluate.batch, name="batch"),
    path("scorecards/", scorecard_pages.index, name="scorecards"),
    path("scorecards/new/", scorecard_pages.new, name="new-scorecard"),
    path("scorecards/<uuid:version_id>/", scorecard_pages.detail, name="scorecard"),
    path("scorecards/<uuid:version_id>/revise/", scorecard_pages.revise, name="revise-scorecard"),
    path("scorecards/<uuid:version_id>/carry/", scorecard_pages.carry, name="carry-scorecard"),
    path("scorecards/<uuid:version_id>/submit/", scorecard_pages.submit, name="submit-scorecard"),
    path(
        "scorecards/<uuid:version_id>/approve/", scorecard_pages.approve, name="approve-scorecard"
    ),
    path("scorecards/<uuid:version_id>/return/", scorecard_pages.return_, name="return-scorecard"),
    path(
        "scorecards/<uuid:version_id>/withdraw/",
        scorecard_pages.withdraw,
        name="withdraw-scorecard",
    ),
    path(
        "scorecards/<uuid:version_id>/document/",
        scorecard_pages.document,
        name="scorecard-document",
    ),
    path("scorecards/<uuid:version_id>/simulation/", simulations.page, name="simulate-scorecard"),
]

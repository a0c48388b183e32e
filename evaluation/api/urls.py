from rest_framework.routers import SimpleRouter

from evaluation.api.evaluations import EvaluationViewSet
from evaluation.api.scorecards import ScorecardViewSet

router = SimpleRouter(use_regex_path=False)
router.register("scorecards", ScorecardViewSet, basename="scorecard")
router.register("evaluations", EvaluationViewSet, basename="evaluation")

urlpatterns = router.urls

from rest_framework.routers import SimpleRouter

from risk.api.cases import CaseViewSet
from risk.api.classifications import ClassificationViewSet
from risk.api.signals import SignalViewSet

router = SimpleRouter(use_regex_path=False)
router.register("signals", SignalViewSet, basename="signal")
router.register("cases", CaseViewSet, basename="case")
router.register("classifications", ClassificationViewSet, basename="classification")

urlpatterns = router.urls

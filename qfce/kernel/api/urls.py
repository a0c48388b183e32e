from rest_framework.routers import SimpleRouter

from qfce.kernel.api.jobs import JobViewSet

router = SimpleRouter(use_regex_path=False)
router.register("jobs", JobViewSet, basename="job")

urlpatterns = router.urls

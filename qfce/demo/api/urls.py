from rest_framework.routers import SimpleRouter

from qfce.demo.api.rehearsals import RehearsalViewSet

router = SimpleRouter(use_regex_path=False)
router.register("sandbox", RehearsalViewSet, basename="sandbox")
urlpatterns = router.urls

"""Where the API of lending is found."""

from rest_framework.routers import SimpleRouter

from lending.api.applications import LoanApplicationViewSet
from lending.api.contracts import ContractViewSet
from lending.api.loans import LoanViewSet
from lending.api.products import AuthorityLimitViewSet, LoanProductViewSet
from lending.api.schedules import LoanScheduleViewSet

router = SimpleRouter(use_regex_path=False)
router.register("loan-schedules", LoanScheduleViewSet, basename="loan-schedule")
router.register("loan-products", LoanProductViewSet, basename="loan-product")
router.register("authority-limits", AuthorityLimitViewSet, basename="authority-limit")
router.register("loan-applications", LoanApplicationViewSet, basename="loan-application")
router.register("contracts", ContractViewSet, basename="contract")
router.register("loans", LoanViewSet, basename="loan")

urlpatterns = router.urls

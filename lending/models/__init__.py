from lending.models.applications import LoanApplication, LoanApplicationUserObjectPermission
from lending.models.authorities import AuthorityLimit
from lending.models.contracts import Contract
from lending.models.loans import Disbursement, Loan, LoanSchedule, ScheduleRow
from lending.models.products import LoanProduct

__all__ = [
    "AuthorityLimit",
    "Contract",
    "Disbursement",
    "Loan",
    "LoanApplication",
    "LoanApplicationUserObjectPermission",
    "LoanProduct",
    "LoanSchedule",
    "ScheduleRow",
]

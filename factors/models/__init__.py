from factors.models.consultations import Consultation, ConsultationAnswer, ConsultationComment
from factors.models.drafts import DraftRevision, SubmittedText
from factors.models.factor_lists import FactorList, FactorListVersion
from factors.models.sign_offs import SignOff

__all__ = [
    "Consultation",
    "ConsultationAnswer",
    "ConsultationComment",
    "DraftRevision",
    "FactorList",
    "FactorListVersion",
    "SignOff",
    "SubmittedText",
]

from factors.models.factor_lists import FactorList, FactorListVersion
from factors.models.sign_offs import SignOff

__all__ = ["FactorList", "FactorListVersion", "SignOff"]

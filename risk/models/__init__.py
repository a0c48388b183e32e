from risk.models.cases import CaseAction, RiskCase
from risk.models.signals import Signal, SignalOccurrence, WatchedState

__all__ = ["CaseAction", "RiskCase", "Signal", "SignalOccurrence", "WatchedState"]

from evaluation.models.evaluations import Evaluation, LiveEvaluation
from evaluation.models.scorecards import Scorecard, ScorecardVersion

__all__ = ["Evaluation", "LiveEvaluation", "Scorecard", "ScorecardVersion"]

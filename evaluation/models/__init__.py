from evaluation.models.evaluations import Evaluation
from evaluation.models.scorecards import Scorecard, ScorecardVersion

__all__ = ["Evaluation", "Scorecard", "ScorecardVersion"]

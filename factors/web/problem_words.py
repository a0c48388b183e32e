"""What is wrong with a list, as its reader reads: the fault, and what to do about it."""

from factors.domain.list_versions import Problem
from qfce.kernel.web.language import is_chinese, joined


def problem_text(problem: Problem) -> str:
    """Return a problem and its remedy in the reader's language."""
    language = "zh" if is_chinese() else "en"
    return joined(problem.said(language), problem.remedy(language))

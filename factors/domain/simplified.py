"""What of a label or a header counts when two are compared."""

import re
import unicodedata

_LEFT_OUT = re.compile(r"[\s()\[\]{}<>【】〔〕「」『』〈〉《》]")


def simplified(text: str) -> str:
    """
    Return what of a label or header counts: NFKC, lower case, no blanks and no brackets.

    >>> simplified("存续（在营、开业、在册）") == simplified("存续 (在营、开业、在册)")
    True
    """
    return _LEFT_OUT.sub("", unicodedata.normalize("NFKC", text)).lower()

"""How a rate comes about, in one sentence."""

from decimal import Decimal

from django.utils.translation import gettext as _

from lending import policies
from qfce.kernel.web import formats


def rate_sentence(base_rate: Decimal, spread_bp: int) -> str:
    """
    Return the loan prime rate and the basis points that make a rate.

    :raises NoPrice: if the rate would be below zero.
    """
    return _("{base} {sign} {spread} basis points = {rate} a year").format(
        base=formats.percent(base_rate),
        sign="−" if spread_bp < 0 else "+",
        spread=abs(spread_bp),
        rate=formats.percent(policies.priced(base_rate, spread_bp)),
    )

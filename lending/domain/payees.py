"""Whether money goes to somebody whom the application named."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Payee:
    """A supplier that the application names; code and account where they are known."""

    name: str
    uscc: str | None = None
    account: str | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, str | None]) -> "Payee":
        return cls(document["name"] or "", document.get("uscc"), document.get("account"))

    def to_document(self) -> dict[str, str | None]:
        return {"name": self.name, "uscc": self.uscc, "account": self.account}


def named(payees: Sequence[Payee], *, name: str, account: str, uscc: str | None) -> Payee | None:
    """
    Return the supplier that a payment is to, or None if it is to nobody named.

    Name and, where the application gave them, account and credit code must agree; width of
    characters, case and spaces do not matter.

    >>> named([Payee("Anji Castings")], name="ANJI castings", account="1", uscc=None).name
    'Anji Castings'
    """
    for payee in payees:
        same = _plain(payee.name) == _plain(name)
        same &= payee.account is None or _plain(payee.account) == _plain(account)
        same &= payee.uscc is None or uscc is None or payee.uscc == uscc
        if same:
            return payee
    return None


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())

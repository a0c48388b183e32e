"""A sentence about a fault, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A fault and its remedy in both languages, with places for facts."""

    zh: str
    en: str
    todo_zh: str
    todo_en: str

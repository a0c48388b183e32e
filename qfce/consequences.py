"""
Who can say how much a new version of a factor list would touch, on one page.

A counter names a selector by its dotted path, called as `selector(old=, new=, changes=, actor=)`
inside the reader's transaction. It returns `{place of the change: figure}`; what is not in it
is not touched, or not the reader's to know. The path is resolved when it is asked for, since
the lists stand below those whose rows are counted.
"""

COUNTERS: dict[str, str] = {
    "records": "sharing.selectors.list_consequences.records",
    "imports": "sharing.selectors.list_consequences.open_imports",
    "scorecards": "evaluation.selectors.list_consequences.in_use",
}

STORED = "sharing.selectors.list_consequences.stored"
"""Called as `selector(old=, new=, actor=)`: {item: profiles whose value `new` leaves behind}."""

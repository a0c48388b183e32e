"""
What was typed into forms, brought in as a file: the same checks, comparison and release.

One row for one enterprise that an officer has typed, or many for many that have declared.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from factors.domain.catalogue import Catalogue
from qfce.kernel.tenancy.actors import Actor
from sharing.domain.columns import Field, Vocabulary
from sharing.domain.import_lifecycle import ImportMode
from sharing.models import ImportBatch
from sharing.services import imports, stored_files


def receive(
    catalogue: Catalogue,
    rows: Sequence[Mapping[str, str]],
    *,
    columns: Sequence[str] = (),
    name: str,
    self_declared: bool = False,
    actor: Actor,
    at: datetime,
) -> ImportBatch:
    """
    Bring rows in as one wide file, whose header names every field.

    :param rows: the texts by the keys of their fields, such as `uscc` and `QF-17|valid_to`.
    :param columns: their order; unsaid, that of the first row.
    :param self_declared: the enterprises themselves stand behind the values.
    :raises NotPermitted: if the actor brings no files in.
    """
    known = Vocabulary(catalogue)
    keys = list(columns or rows[0])
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow([known.label(Field.of(key)) for key in keys])
    writer.writerows([row.get(key, "") for key in keys] for row in rows)
    return imports.receive(
        stored_files.store([text.getvalue().encode()], name=name),
        factor_list=catalogue.code,
        mode=ImportMode.DELTA,
        self_declared=self_declared,
        actor=actor,
        at=at,
    )

"""A register whose exports somebody puts into a folder, as CSV or JSON."""

from collections.abc import Sequence
from pathlib import Path

from factors.domain.catalogue import Catalogue
from sharing.domain.source_records import SourceRecord, checked, read_csv, read_json
from sharing.services.sources import SourceConfig, SourceDown

READERS = {".csv": read_csv, ".json": read_json}


class FileSource:
    """The newest export in a folder. It may name more enterprises than anybody asks about."""

    def __init__(self, config: SourceConfig) -> None:
        self.config = config

    def ask(self, usccs: Sequence[str], catalogue: Catalogue) -> list[SourceRecord]:
        """
        :raises SourceDown: if the folder has no export, or one that is too large.
        :raises SourceWrong: if the export cannot be trusted as a whole.
        """
        file = self._newest()
        raw = READERS[file.suffix.lower()](file.read_bytes())
        found = checked(raw, catalogue=catalogue, items=self.config.items, asked=None)
        wanted = set(usccs)
        return [record for record in found if record.uscc in wanted]

    def _newest(self) -> Path:
        folder = Path(self.config.location)
        files = [
            file
            for file in (folder.iterdir() if folder.is_dir() else ())
            # A name with a dot in front is still being written.
            if file.suffix.lower() in READERS and not file.name.startswith(".")
        ]
        if not files:
            raise SourceDown("no_export", f"There is no export in {folder}.")
        newest = max(files, key=lambda file: (file.stat().st_mtime_ns, file.name))
        if newest.stat().st_size > self.config.most_bytes:
            raise SourceDown("too_large", f"{newest.name} is larger than allowed.")
        return newest

from sharing.models.enterprises import Enterprise
from sharing.models.imports import ColumnMapping, ImportBatch, ImportFinding, ImportKeys
from sharing.models.records import (
    FactorChange,
    FactorProfile,
    FeedCounter,
    Publication,
    RecordChange,
)

__all__ = [
    "ColumnMapping",
    "Enterprise",
    "FactorChange",
    "FactorProfile",
    "FeedCounter",
    "ImportBatch",
    "ImportFinding",
    "ImportKeys",
    "Publication",
    "RecordChange",
]

from sharing.models.agreements import Agreement
from sharing.models.collection_rounds import (
    CollectionRound,
    RoundDelivery,
    RoundMember,
    RoundReminder,
)
from sharing.models.consents import Consent
from sharing.models.corrections import FileUpload, ImportCorrection
from sharing.models.data_quality import BureauScore, QualityCell
from sharing.models.declarations import Declaration
from sharing.models.disclosures import ReadLog, ReadLogSubject
from sharing.models.disputes import Dispute
from sharing.models.enterprise_lists import (
    EnterpriseList,
    EnterpriseListMember,
    EnterpriseListShare,
)
from sharing.models.enterprises import Enterprise, EnterpriseName
from sharing.models.feed import FeedCursor
from sharing.models.imports import ColumnMapping, ImportBatch, ImportFinding, ImportKeys
from sharing.models.list_criteria import ListCriteria, ListRun
from sharing.models.list_migrations import ItemLineage, ListMigration
from sharing.models.recalls import Recall
from sharing.models.records import (
    FactorChange,
    FactorProfile,
    FeedCounter,
    Publication,
    RecordChange,
)
from sharing.models.refresh_requests import RefreshRequest
from sharing.models.register import (
    DuplicateCandidate,
    EnterpriseMerge,
    EnterpriseSizing,
    EnterpriseTag,
)
from sharing.models.reverification import DueItem, SourceCount, SourceRun

__all__ = [
    "Agreement",
    "BureauScore",
    "CollectionRound",
    "ColumnMapping",
    "Consent",
    "Declaration",
    "Dispute",
    "DueItem",
    "DuplicateCandidate",
    "Enterprise",
    "EnterpriseList",
    "EnterpriseListMember",
    "EnterpriseListShare",
    "EnterpriseMerge",
    "EnterpriseName",
    "EnterpriseSizing",
    "EnterpriseTag",
    "FactorChange",
    "FactorProfile",
    "FeedCounter",
    "FeedCursor",
    "FileUpload",
    "ImportBatch",
    "ImportCorrection",
    "ImportFinding",
    "ImportKeys",
    "ItemLineage",
    "ListCriteria",
    "ListMigration",
    "ListRun",
    "Publication",
    "QualityCell",
    "ReadLog",
    "ReadLogSubject",
    "Recall",
    "RecordChange",
    "RefreshRequest",
    "RoundDelivery",
    "RoundMember",
    "RoundReminder",
    "SourceCount",
    "SourceRun",
]

"""What evaluations may be asked for, and how an enterprise is named."""

from sharing.domain.agreements import NOT_BY_AGREEMENT, Purpose

PURPOSES = [purpose.value for purpose in Purpose if purpose not in NOT_BY_AGREEMENT]

USCC = r"^[0-9A-Z]{18}\Z"

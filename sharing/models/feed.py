"""How far each of our own consumers has read the change feed."""

from django.db import models

from qfce.kernel.tenancy.models import TenantOwned


class FeedCursor(TenantOwned):
    """The position up to which one consumer of an organisation has acted on the feed."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.CharField(max_length=40)
    number = models.BigIntegerField(default=0)
    row = models.IntegerField(default=0)
    advanced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "consumer"], name="sharing_feedcursor_once")
        ]

    def __str__(self) -> str:
        return f"{self.consumer} at {self.number}.{self.row}"

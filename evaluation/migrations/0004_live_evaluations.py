"""Which evaluation is the newest, kept by a trigger, so that lists need not find it anew."""

import django.db.models.deletion
from django.db import migrations, models

from qfce.kernel.tenancy.rls import ProtectByTenant

COLUMNS = (
    "owner_id, scorecard_id, uscc, evaluation_id, grade, outcome, created_at, position_number,"
    " position_row"
)
# In the order of the key, so that two writers of the same enterprises wait and never lock up.
NEWEST = """
SELECT DISTINCT ON (n.owner_id, v.scorecard_id, n.uscc)
       n.owner_id, v.scorecard_id, n.uscc, n.id, n.grade, n.outcome, n.created_at,
       n.position_number, n.position_row
FROM {rows} n JOIN evaluation_scorecardversion v ON v.id = n.scorecard_version_id
ORDER BY n.owner_id, v.scorecard_id, n.uscc, n.created_at DESC, n.position_number DESC,
         n.position_row DESC, n.id DESC
"""
FOLLOW = f"""
CREATE FUNCTION evaluation_follow_live() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO evaluation_liveevaluation AS live ({COLUMNS})
    {NEWEST.format(rows="made")}
    ON CONFLICT (owner_id, scorecard_id, uscc) DO UPDATE
    SET evaluation_id = excluded.evaluation_id, grade = excluded.grade,
        outcome = excluded.outcome, created_at = excluded.created_at,
        position_number = excluded.position_number, position_row = excluded.position_row
    WHERE (live.created_at, live.position_number, live.position_row, live.evaluation_id)
        < (excluded.created_at, excluded.position_number, excluded.position_row,
           excluded.evaluation_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER evaluation_follow_live AFTER INSERT ON evaluation_evaluation
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION evaluation_follow_live();
INSERT INTO evaluation_liveevaluation ({COLUMNS}) {NEWEST.format(rows="evaluation_evaluation")};
"""
LET_GO = """
DROP TRIGGER evaluation_follow_live ON evaluation_evaluation;
DROP FUNCTION evaluation_follow_live();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0003_items_scored"),
        ("tenancy", "0003_regions"),
    ]

    operations = [
        migrations.CreateModel(
            name="LiveEvaluation",
            fields=[
                (
                    "evaluation",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="live_as",
                        serialize=False,
                        to="evaluation.evaluation",
                    ),
                ),
                (
                    "uscc",
                    models.CharField(max_length=18, verbose_name="unified social credit code"),
                ),
                ("grade", models.CharField(max_length=8, null=True)),
                ("outcome", models.CharField(max_length=10)),
                ("created_at", models.DateTimeField()),
                ("position_number", models.BigIntegerField()),
                ("position_row", models.IntegerField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
                (
                    "scorecard",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="evaluation.scorecard",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "scorecard", "uscc"),
                        name="evaluation_liveevaluation_one",
                    )
                ],
            },
        ),
        ProtectByTenant("liveevaluation"),
        migrations.RunSQL(FOLLOW, LET_GO),
    ]

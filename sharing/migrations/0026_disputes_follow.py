"""A dispute goes to the bureau that answers now; a population names nobody off the agreed list."""

from pathlib import Path

from django.db import migrations, models

from qfce.kernel.tenancy.rls import DefinerFunction, LetDefinerRead

SQL = Path(__file__).parent.parent / "sql"
OWN = "owner_id = (SELECT qfce_bound_organization())"
READS_OWN = "owner_id = ANY ((SELECT qfce_readable())::uuid[])"
IN_JURISDICTION = "region BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())"
# Whoever decided last, and by the policy of the register whose the enterprise is now.
ANSWERS = f"""{IN_JURISDICTION} OR addressee_id = (SELECT qfce_bound_organization())
    OR (SELECT qfce_bound_kind()) = 'market_regulator' AND EXISTS (
        SELECT FROM sharing_enterprise e WHERE e.uscc = sharing_dispute.uscc)"""

# Both parties write the row, each its own part of it: who objects may take the objection back,
# the regulators decide, and hand it to the bureau that answers now. What was objected to, and
# what is over, stays.
KEEP = """
CREATE OR REPLACE FUNCTION sharing_keep_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.owner_id, OLD.uscc, {name}OLD.region, OLD.factor_list, OLD.item, OLD.statement,
        OLD.opened_at, OLD.opened_by_id, OLD.due_on)
       IS DISTINCT FROM
       (NEW.owner_id, NEW.uscc, {new_name}NEW.region, NEW.factor_list, NEW.item, NEW.statement,
        NEW.opened_at, NEW.opened_by_id, NEW.due_on)
       OR OLD.status IN ('upheld', 'rejected', 'cancelled')
       OR ({by} OLD.addressee_id IS DISTINCT FROM NEW.addressee_id)
       OR (qfce_region_low() IS NULL AND (
           NEW.status <> 'cancelled' OR OLD.reason <> NEW.reason
           OR OLD.prepared_change IS DISTINCT FROM NEW.prepared_change))
       OR (qfce_region_low() IS NOT NULL AND NEW.status = 'cancelled') THEN
        RAISE EXCEPTION 'A dispute stays as it was opened: the bureau decides it, whoever objects may take it back.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
"""
KEEPS = KEEP.format(name="OLD.name, ", new_name="NEW.name, ", by="qfce_region_low() IS NULL AND")
KEPT = KEEP.format(name="", new_name="", by="")


def let(verb, shown):
    """Say anew who may do what to a dispute: its owner, and the regulators of some regions."""
    if verb == "reads":
        return f"ALTER POLICY tenant_reads ON sharing_dispute USING ({READS_OWN} OR {shown})"
    said = f"{OWN} OR {shown}"
    return f"ALTER POLICY tenant_updates ON sharing_dispute USING ({said}) WITH CHECK ({said})"


POPULATION = (SQL / "qfce_population_rows.sql").read_text(encoding="utf-8")
SIGNATURE = "qfce_population_rows(text, text, bigint, integer)"


class Migration(migrations.Migration):
    dependencies = [("sharing", "0025_declarations")]

    operations = [
        migrations.AddConstraint(
            model_name="dispute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("publication_number__isnull", True), ("status", "upheld"), _connector="OR"
                ),
                name="sharing_dispute_published_when_upheld",
            ),
        ),
        migrations.RunSQL(sql=KEEPS, reverse_sql=KEPT),
        migrations.RunSQL(
            sql=[let(verb, ANSWERS) for verb in ("reads", "updates")],
            reverse_sql=[let(verb, IN_JURISDICTION) for verb in ("reads", "updates")],
        ),
        LetDefinerRead("dispute"),
        migrations.RunSQL(
            # The owner creates functions that call what only the definer may call.
            sql="SET LOCAL check_function_bodies = off",
            reverse_sql=migrations.RunSQL.noop,
        ),
        DefinerFunction(
            name="qfce_deciding_bureaus",
            arguments="uuid[]",
            sql=(SQL / "qfce_deciding_bureaus.sql").read_text(encoding="utf-8"),
        ),
        # Replaced where it is; what it is and whose stays.
        migrations.RunSQL(
            sql=[
                "SET LOCAL ROLE qfce_definer",
                POPULATION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
                f"ALTER FUNCTION {SIGNATURE} SECURITY DEFINER",
                f"ALTER FUNCTION {SIGNATURE} SET search_path = pg_catalog, public, pg_temp",
                "RESET ROLE",
            ],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]

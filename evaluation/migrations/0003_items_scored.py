"""Which items of a list any scorecard in force uses: a yes or no for the list's keepers."""

from django.db import migrations

from qfce.kernel.tenancy.rls import DefinerFunction, LetDefinerRead

SQL = """
CREATE FUNCTION qfce_items_scored(asked_list text, codes text[]) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(code), '{}') FROM unnest(codes) AS code
    WHERE qfce_bound_kind() = 'market_regulator' AND EXISTS (
        SELECT 1 FROM evaluation_scorecardversion v
        WHERE v.factor_list = asked_list AND v.status = 'published'
          AND v.document @? ('$.** ? (@ == ' || to_json(code)::text || ')')::jsonpath)
$$
"""


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0002_protection")]

    operations = [
        LetDefinerRead("scorecardversion"),
        DefinerFunction(name="qfce_items_scored", arguments="text, text[]", sql=SQL),
    ]

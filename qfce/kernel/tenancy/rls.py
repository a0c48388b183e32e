"""
Migration operations that put the second wall around a table.

Every policy is forced, so that it binds the table's owner too, and fails closed: with no
organisation bound, the comparison is with NULL. Functions stand in a sub-select, so that
the planner evaluates them once a statement and not once a row.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.db.migrations.operations.base import Operation

APPLICATION_ROLE = "qfce_app"
DEFINER_ROLE = "qfce_definer"

READABLE = "ANY ((SELECT qfce_readable())::uuid[])"
BOUND = "(SELECT qfce_bound_organization())"
IN_JURISDICTION = "BETWEEN (SELECT qfce_region_low()) AND (SELECT qfce_region_high())"


class _OnTable(Operation, ABC):
    """What the operations below share: they change one table's policies and no model."""

    reversible = True
    reduces_to_sql = True
    atomic = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing: policies are the database's business, not the models'."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        for statement in self.statements(schema_editor.quote_name(model._meta.db_table), model):
            schema_editor.execute(statement)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        table = schema_editor.quote_name(model._meta.db_table)
        for statement in self.undoing(table):
            schema_editor.execute(statement)

    @abstractmethod
    def statements(self, table: str, model: Any) -> list[str]:
        """Return what protects the table, in order."""

    @abstractmethod
    def undoing(self, table: str) -> list[str]:
        """Return what takes the protection back, in order."""


def _forced(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    ]


def _policies(table: str, *, reads: str, writes: str) -> list[str]:
    return [
        *_forced(table),
        f"CREATE POLICY tenant_reads ON {table} FOR SELECT USING ({reads})",
        f"CREATE POLICY tenant_inserts ON {table} FOR INSERT WITH CHECK ({writes})",
        f"CREATE POLICY tenant_updates ON {table} FOR UPDATE"
        f" USING ({writes}) WITH CHECK ({writes})",
        f"CREATE POLICY tenant_deletes ON {table} FOR DELETE USING ({writes})",
    ]


def _unprotected(table: str) -> list[str]:
    return [
        *(
            f"DROP POLICY IF EXISTS tenant_{verb} ON {table}"
            for verb in ("reads", "inserts", "updates", "deletes")
        ),
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]


class ProtectByTenant(_OnTable):
    """Show a table's rows to their owner and whoever stands above it; only the owner writes."""

    def statements(self, table: str, model: Any) -> list[str]:
        return _policies(table, reads=f"owner_id = {READABLE}", writes=f"owner_id = {BOUND}")

    def undoing(self, table: str) -> list[str]:
        return _unprotected(table)

    def describe(self) -> str:
        return f"Show {self.model_name} only to its owner"


class ProtectByParties(_OnTable):
    """Show a row to several organisations; only the first of `reads` writes it."""

    def __init__(self, model_name: str, reads: tuple[str, ...] = ("owner", "recipient")) -> None:
        super().__init__(model_name)
        self.reads = reads

    def statements(self, table: str, model: Any) -> list[str]:
        columns = [model._meta.get_field(party).column for party in self.reads]
        reads = " OR ".join(f"{column} = {READABLE}" for column in columns)
        return _policies(table, reads=reads, writes=f"{columns[0]} = {BOUND}")

    def undoing(self, table: str) -> list[str]:
        return _unprotected(table)

    def describe(self) -> str:
        return f"Show {self.model_name} only to its {', '.join(self.reads)}"


class ProtectByRegion(_OnTable):
    """Let market regulators, and nobody else, read and write the rows of their jurisdiction."""

    def __init__(self, model_name: str, column: str = "region") -> None:
        super().__init__(model_name)
        self.column = column

    def statements(self, table: str, model: Any) -> list[str]:
        inside = f"{self.column} {IN_JURISDICTION}"
        return _policies(table, reads=inside, writes=inside)

    def undoing(self, table: str) -> list[str]:
        return _unprotected(table)

    def describe(self) -> str:
        return f"Show {self.model_name} only to the regulators of its region"


class ProtectBy(_OnTable):
    """Protect a table by conditions of its own; every part is SQL over the row's columns."""

    def __init__(
        self, model_name: str, *, reads: str, inserts: str, updates: str, deletes: str = "false"
    ) -> None:
        super().__init__(model_name)
        self.reads, self.inserts, self.updates, self.deletes = reads, inserts, updates, deletes

    def statements(self, table: str, model: Any) -> list[str]:
        return [
            *_forced(table),
            f"CREATE POLICY tenant_reads ON {table} FOR SELECT USING ({self.reads})",
            f"CREATE POLICY tenant_inserts ON {table} FOR INSERT WITH CHECK ({self.inserts})",
            f"CREATE POLICY tenant_updates ON {table} FOR UPDATE"
            f" USING ({self.updates}) WITH CHECK ({self.updates})",
            f"CREATE POLICY tenant_deletes ON {table} FOR DELETE USING ({self.deletes})",
        ]

    def undoing(self, table: str) -> list[str]:
        return _unprotected(table)

    def describe(self) -> str:
        return f"Protect {self.model_name} by its own conditions"


class LetDefinerRead(_OnTable):
    """Let the functions that answer across tenants read this table."""

    verbs: ClassVar[str] = "SELECT"
    policy: ClassVar[str] = "definer_reads"
    command: ClassVar[str] = "FOR SELECT"
    check: ClassVar[str] = ""

    def statements(self, table: str, model: Any) -> list[str]:
        return [
            f"CREATE POLICY {self.policy} ON {table} {self.command} TO {DEFINER_ROLE}"
            f" USING (true){self.check}",
            f"GRANT {self.verbs} ON {table} TO {DEFINER_ROLE}",
        ]

    def undoing(self, table: str) -> list[str]:
        return [
            f"REVOKE {self.verbs} ON {table} FROM {DEFINER_ROLE}",
            f"DROP POLICY {self.policy} ON {table}",
        ]

    def describe(self) -> str:
        return f"Let definer functions use {self.model_name}"


class LetDefinerWrite(LetDefinerRead):
    """Let the functions that answer across tenants read and write this table."""

    verbs = "SELECT, INSERT, UPDATE"
    policy = "definer_writes"
    command = "FOR ALL"
    check = " WITH CHECK (true)"


class AppendOnly(_OnTable):
    """Let the application role insert and select, and nothing else; a trigger refuses the rest."""

    def statements(self, table: str, model: Any) -> list[str]:
        return [
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APPLICATION_ROLE}",
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION qfce_refuse_change()",
        ]

    def undoing(self, table: str) -> list[str]:
        return [
            f"DROP TRIGGER append_only ON {table}",
            f"GRANT UPDATE, DELETE ON {table} TO {APPLICATION_ROLE}",
        ]

    def describe(self) -> str:
        return f"Make {self.model_name} append-only"


class DefinerFunction(Operation):
    """
    Create a function that reads across tenants and answers only what it is made to answer.

    It runs as a role that nobody can sign in as, with a fixed search path. It takes the
    asking organisation from the bound setting, never as an argument.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, *, name: str, arguments: str, sql: str) -> None:
        self.name, self.arguments, self.sql = name, arguments, sql

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing: functions are the database's business."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        signature = f"{self.name}({self.arguments})"
        # No parameters are passed, so that a % in the body is a % and not a placeholder.
        for statement in (
            self.sql,
            f"ALTER FUNCTION {signature} SECURITY DEFINER",
            f"ALTER FUNCTION {signature} SET search_path = pg_catalog, public, pg_temp",
            f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {signature} TO {APPLICATION_ROLE}",
            f"ALTER FUNCTION {signature} OWNER TO {DEFINER_ROLE}",
        ):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        schema_editor.execute(f"DROP FUNCTION {self.name}({self.arguments})", params=None)

    def describe(self) -> str:
        return f"Create the definer function {self.name}"

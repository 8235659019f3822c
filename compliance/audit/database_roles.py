"""The two roles on PostgreSQL: the owner of the tables, and the application.

The owner migrates. The application, whose role the setting APPLICATION_ROLE names, can do what the
registry does and no more: it changes and deletes no row of the record, empties no table, and makes
and alters nothing. So guards are not the only thing that stands between it and the record.

deploy/roles.sql makes both roles. SQLite has none.
"""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

from compliance.audit.guards import append_only_models, postgresql
from compliance.audit.guards.tables import MIGRATIONS_TABLE, all_tables
from compliance.models.users import User

_ADVICE = "Make the roles of deploy/roles.sql, and run migrate as the owner with APPLICATION_ROLE."


def require_owner(connection: BaseDatabaseWrapper) -> None:
    """Raise ImproperlyConfigured if the tables exist and another role than this one owns them."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_userbyid(relowner), current_user FROM pg_catalog.pg_class"
            " WHERE oid = to_regclass(%s)",
            [MIGRATIONS_TABLE],
        )
        row = cursor.fetchone()
    if row is not None and row[0] != row[1]:
        raise ImproperlyConfigured(
            f"The tables belong to the role {row[0]}, and this command connects as {row[1]}."
            " Run it with the owner's DATABASE_URL (docs/operations.md)."
        )


def grant(connection: BaseDatabaseWrapper) -> None:
    """Give the application's role what it needs, and take everything else away from it.

    Raises ImproperlyConfigured if APPLICATION_ROLE names no role, or the owner.
    """
    if connection.vendor != "postgresql" or not settings.APPLICATION_ROLE:
        return
    _require_application_role(connection)
    schema = postgresql.schema(connection)
    role = connection.ops.quote_name(settings.APPLICATION_ROLE)
    database = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        tables = [table for table in all_tables() if table in existing]
        every_table = ", ".join(f"{schema}.{table}" for table in tables)
        statements = [
            # PostgreSQL allows temporary tables to every role, and before version 15 also tables in
            # the schema "public". What this role may not revoke it is warned of, and `faults` says.
            f"REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM PUBLIC, {role}",
            f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {role}",
            f"GRANT CONNECT ON DATABASE {database} TO {role}",
            f"GRANT USAGE ON SCHEMA {schema} TO {role}",
            f"REVOKE ALL ON {every_table} FROM PUBLIC, {role}",
            *(
                f"GRANT {privileges} ON {schema}.{table} TO {role}"
                for table, privileges in _privileges(tables)
            ),
        ]
        cursor.execute(";\n".join(statements))


def _require_application_role(connection: BaseDatabaseWrapper) -> None:
    role = settings.APPLICATION_ROLE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname = current_user FROM pg_catalog.pg_roles WHERE rolname = %s", [role]
        )
        row = cursor.fetchone()
    if row is None:
        raise ImproperlyConfigured(
            f"APPLICATION_ROLE={role} is no role of the database. Run deploy/roles.sql."
        )
    if row[0]:
        raise ImproperlyConfigured(
            f"APPLICATION_ROLE={role} owns the tables. The application needs a role of its own:"
            " run deploy/roles.sql."
        )


def _privileges(tables: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what the application may do with each table."""
    read_only = {MIGRATIONS_TABLE, ContentType._meta.db_table, Permission._meta.db_table}
    for table in tables:
        if table in read_only:
            yield table, "SELECT"
        elif table in _only_inserted():
            yield table, "SELECT, INSERT"
        elif table == User._meta.db_table:  # accounts are deactivated, never deleted
            yield table, "SELECT, INSERT, UPDATE"
        else:
            yield table, "SELECT, INSERT, UPDATE, DELETE"


def _only_inserted() -> set[str]:
    """Return the tables of which the application never changes or deletes a row."""
    return {LogEntry._meta.db_table, *(model._meta.db_table for model in append_only_models())}


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Return a sentence for each thing that the role of this connection could do to the guards."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.rolname, r.rolsuper, pg_has_role(r.oid, m.relowner, 'MEMBER')"
            " FROM pg_catalog.pg_roles r LEFT JOIN pg_catalog.pg_class m ON m.oid = to_regclass(%s)"
            " WHERE r.rolname = current_user",
            [MIGRATIONS_TABLE],
        )
        role, is_superuser, is_owner = cursor.fetchone()
        if is_superuser:
            return [f"The application connects as {role}, a superuser of the database. {_ADVICE}"]
        if is_owner:
            return [
                f"The application connects as {role}, which owns its tables and can take their"
                f" guards away. {_ADVICE}"
            ]
        cursor.execute(_POWERS)
        powers = [power for (power,) in cursor.fetchall()]
        if connection.pg_version >= 150000:  # type: ignore[attr-defined]  # before: superusers only
            cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
            powers += ["stop foreign keys"] if cursor.fetchone()[0] else []
        cursor.execute(_TABLE_POWERS, {"all": all_tables(), "inserted": list(_only_inserted())})
        powers += [f"{verb} {tables}" for verb, tables in cursor.fetchall()]
    return [f"The application's role {role} may {power}. {_ADVICE}" for power in powers]


# A row for each thing that the current role may do and the application never does.
_POWERS = """
    SELECT power FROM pg_catalog.pg_roles r, LATERAL (VALUES
        (r.rolcreaterole, 'make roles'),
        (r.rolcreatedb, 'make databases'),
        (r.rolreplication, 'replicate the database'),
        (r.rolbypassrls, 'pass by row security'),
        (has_database_privilege(current_database(), 'TEMPORARY'), 'make temporary tables'),
        (has_database_privilege(current_database(), 'CREATE'), 'make schemas'),
        (has_schema_privilege(current_schema(), 'CREATE'), 'make tables and functions'),
        (EXISTS (SELECT FROM pg_catalog.pg_roles o
            WHERE o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'MEMBER')), 'act as another role')
    ) powers (has, power)
    WHERE r.rolname = current_user AND has
"""
_TABLE_POWERS = """
    SELECT verb, string_agg(c.relname, ', ' ORDER BY c.relname)
    FROM pg_catalog.pg_class c, LATERAL (VALUES
        (1, 'change rows of', c.relname = ANY(%(inserted)s)
            AND has_any_column_privilege(c.oid, 'UPDATE')),
        (2, 'delete rows of', c.relname = ANY(%(inserted)s)
            AND has_table_privilege(c.oid, 'DELETE')),
        (3, 'empty', has_table_privilege(c.oid, 'TRUNCATE')),
        (4, 'put triggers on', has_table_privilege(c.oid, 'TRIGGER'))
    ) powers (place, verb, has)
    WHERE c.oid IN (SELECT to_regclass(quote_ident(name)) FROM unnest(%(all)s::text[]) name)
    AND has
    GROUP BY place, verb ORDER BY place
"""

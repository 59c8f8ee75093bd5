"""Migrations: the schema that the code expects, a backup, and a clear word about newer databases."""

import importlib
import os
import pkgutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import gatherum
from gatherum.db import Base, make_engine
from gatherum.db import migrate as module
from gatherum.db.migrate import migrate
from gatherum.errors import DatabaseTooNew, ReadOnly, StorageError


def import_all_tables() -> None:
    for found in pkgutil.walk_packages(gatherum.__path__, "gatherum."):
        if found.name.endswith("tables"):
            importlib.import_module(found.name)


def run(url: str, statement: str) -> None:
    engine = make_engine(url, durable=True)
    with engine.begin() as tx:
        tx.exec_driver_sql(statement)
    engine.dispose()


def tables(url: str) -> set[str]:
    engine = make_engine(url, durable=True)
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names())
    engine.dispose()
    return names


def test_the_migrated_schema_is_the_one_the_code_expects(empty_url: str) -> None:
    import_all_tables()

    migrate(empty_url, backup_dir=None)

    engine = make_engine(empty_url, durable=True)
    with engine.connect() as connection:
        # The index of texts has no class: SQLite and PostgreSQL have nothing in common there.
        options = {
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "table" or "media_text" not in name,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
        checks = {
            check["name"]
            for table in Base.metadata.tables
            for check in sa.inspect(connection).get_check_constraints(table)
        }
    engine.dispose()
    expected = {
        str(check.name)
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint)
    }
    assert checks == expected


def test_a_second_migration_changes_nothing_and_makes_no_backup(
    database_url: str, tmp_path: Path
) -> None:
    before = tables(database_url)

    migrate(database_url, backup_dir=tmp_path / "backups")

    assert tables(database_url) == before
    assert not (tmp_path / "backups").exists()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(
    database_url: str, tmp_path: Path
) -> None:
    run(database_url, "update alembic_version set version_num = '9999'")

    with pytest.raises(DatabaseTooNew, match=r"'9999'.*newer.*restore a backup"):
        migrate(database_url, backup_dir=tmp_path / "backups")

    assert not (tmp_path / "backups").exists()


def test_an_older_sqlite_database_is_backed_up_before_it_changes(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gatherum.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    run(url, "insert into setting values ('network', '{}', 1)")
    newer = tmp_path / "newer" / "migrations"
    _copy_migrations_with_one_more(newer, "op.add_column('setting', sa.Column('new', sa.Text()))")
    monkeypatch.setattr(module, "__file__", str(newer.parent / "migrate.py"))
    monkeypatch.setattr(module, "HEAD", "a newer one")

    migrate(url, backup_dir=tmp_path / "backups")

    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name.startswith("gatherum-0011-")
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        assert connection.execute("select * from setting").fetchall() == [("network", "{}", 1)]
        assert connection.execute("select * from alembic_version").fetchall() == [("0011",)]


def test_a_migration_that_fails_half_way_leaves_the_old_schema(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = tmp_path / "newer" / "migrations"
    _copy_migrations_with_one_more(
        newer, "op.create_table('half', sa.Column('a', sa.Text())); 1 / 0"
    )
    before = tables(database_url)
    with monkeypatch.context() as patch:
        patch.setattr(module, "__file__", str(newer.parent / "migrate.py"))
        patch.setattr(module, "HEAD", "a newer one")
        with pytest.raises(ZeroDivisionError):
            migrate(database_url, backup_dir=None)

    assert tables(database_url) == before
    migrate(database_url, backup_dir=None)


def test_processes_that_migrate_at_once_all_succeed(empty_url: str) -> None:
    code = (
        "import sys; from gatherum.db.migrate import migrate; sys.stdin.read();"
        "migrate(sys.argv[1], backup_dir=None)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, empty_url], stdin=subprocess.PIPE)  # noqa: S603
        for _ in range(3)
    ]

    for process in processes:
        assert process.stdin is not None
        process.stdin.close()  # now all of them start

    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert "job" in tables(empty_url)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told_as_such(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(ReadOnly):
        migrate(f"sqlite:///{tmp_path / 'gatherum.db'}", backup_dir=None)


def test_a_folder_that_does_not_exist_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="cannot be written to"):
        migrate(f"sqlite:///{tmp_path / 'missing' / 'gatherum.db'}", backup_dir=None)


def test_a_file_that_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "gatherum.db").write_bytes(b"not a database, but long enough to have a header" * 30)

    with pytest.raises(StorageError, match="not a whole database"):
        migrate(f"sqlite:///{tmp_path / 'gatherum.db'}", backup_dir=None)


def test_a_server_that_does_not_answer_is_told_as_such() -> None:
    with pytest.raises(StorageError, match="does not answer"):
        migrate("postgresql+psycopg://nobody@127.0.0.1:1/none", backup_dir=None)


def _copy_migrations_with_one_more(target: Path, statement: str) -> None:
    source = Path(module.__file__).parent / "migrations"
    (target / "versions").mkdir(parents=True)
    for path in source.rglob("*.py"):
        (target / path.relative_to(source)).write_bytes(path.read_bytes())
    (target / "versions" / "0012_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        "revision = '0012'\ndown_revision = '0011'\n"
        f"def upgrade():\n    {statement}\n"
    )


def test_the_newest_revision_is_the_one_that_a_start_compares_with() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))

    assert ScriptDirectory.from_config(config).get_current_head() == module.HEAD

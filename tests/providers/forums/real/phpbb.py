"""phpBB 3.3 as its own installer sets it up, on SQLite, and how one writes there."""

import contextlib
import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.providers.forums.real.harbour import ADMIN, BOARDS, DOCK, MAIL, PASSWORD, File, Post
from tests.providers.forums.real.software import PHP, Person, Shown

VARIABLE = "GATHERUM_REAL_PHPBB"
EXTENSIONS = ("sqlite3", "gd", "mbstring", "dom", "xml")
FOLDER = "/community/"
GUESTS = "1, 6"  # the groups of guests and of robots
FIRST = 2  # the section that the installer made
DRAFT = "@define('DEBUG_TEST', true);\n"  # who writes is not held for a robot


def install(source: Path, www: Path, person: Person, host: str) -> "PhpBB":
    """Set the board up where the server shows it, and fill in nothing but its sections."""
    folder, database = www / FOLDER.strip("/"), www.parent / "board.sqlite"
    shutil.copytree(source, folder, dirs_exist_ok=True)
    _install(folder, database, host)
    shutil.rmtree(folder / "install")
    with sqlite3.connect(database) as connection:
        _make_sections(connection)
        # Two forms that are shown within one second are one form twice to it.
        connection.execute(
            "insert into phpbb_config (config_name, config_value)"
            " values ('ci_tests_no_lock_posting', '1')"
        )
    shutil.rmtree(folder / "cache" / "production")
    board = PhpBB(person, folder, database)
    board.sign_in()
    return board


def _install(folder: Path, database: Path, host: str) -> None:
    told = {
        "admin": {"name": ADMIN, "password": PASSWORD, "email": MAIL},
        "board": {"lang": "en", "name": "Harbour", "description": "Boats and more"},
        "database": {"dbms": "sqlite3", "dbhost": str(database), "table_prefix": "phpbb_"}
        | dict.fromkeys(("dbport", "dbuser", "dbpasswd", "dbname")),
        "email": {"enabled": False, "smtp_delivery": False}
        | dict.fromkeys(("smtp_host", "smtp_port", "smtp_auth", "smtp_user", "smtp_pass")),
        "server": {
            "cookie_secure": True,
            "server_protocol": "https://",
            "force_server_vars": False,
            "server_name": host,
            "server_port": 443,
            "script_path": FOLDER,
        },
        "extensions": [],
    }
    answers = folder.parent.parent / "answers.yml"
    answers.write_text(json.dumps({"installer": told}))
    assert PHP is not None
    ran = subprocess.run(  # noqa: S603
        [PHP, "-d", "error_reporting=0", "install/phpbbcli.php", "install", str(answers)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "finished successfully" in ran.stdout, ran
    config = folder / "config.php"
    config.chmod(0o600)
    config.write_text(config.read_text() + DRAFT)


def _make_sections(database: sqlite3.Connection) -> None:
    """Add sections beside the first, with the same permissions."""
    for number, name in enumerate(BOARDS, FIRST + 1):
        left = 2 * number - 2
        database.execute(
            "insert into phpbb_forums (forum_id, forum_name, parent_id, left_id, right_id,"
            " forum_type, forum_flags, forum_parents, forum_desc, forum_rules)"
            " values (?, ?, 1, ?, ?, 1, 48, '', '', '')",
            (number, name, left, left + 1),
        )
        unseen = f"and group_id not in ({GUESTS})" if name == DOCK else ""
        columns = "auth_option_id, auth_role_id, auth_setting"
        database.execute(
            f"insert into phpbb_acl_groups (group_id, forum_id, {columns})"  # noqa: S608
            f" select group_id, {number}, {columns} from phpbb_acl_groups"
            f" where forum_id = {FIRST} {unseen}"
        )
    database.execute("update phpbb_forums set right_id = ? where forum_id = 1", (left + 2,))
    database.execute("insert into phpbb_extensions (group_id, extension) values (2, 'mp4')")


class PhpBB:
    """The board, and its administrator who writes in it."""

    def __init__(self, person: Person, folder: Path, database: Path) -> None:
        self._person = person
        self._folder = folder
        self._database = database
        self._pause = (
            0.0  # before a form is sent: who sends it in the second that it came is a robot
        )

    def sign_in(self) -> None:
        """Enter by the form."""
        self._sign_in(self._person)

    def open(self) -> None:
        """Let the board guard itself against robots, as it does for everybody."""
        config = self._folder / "config.php"
        config.write_text(config.read_text().removesuffix(DRAFT))
        self._pause = 1.0

    def board(self, name: str) -> str:
        """Return the number of a section."""
        return self.ask("select forum_id from phpbb_forums where forum_name = ?", name)[0]

    def begin(self, board: str, title: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write the first post of a topic."""
        link = f"posting.php?mode=post&f={self.board(board)}"
        return self._write(link, {"subject": title, "message": text}, files)

    def reply(self, topic: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write one more."""
        return self._write(f"posting.php?mode=reply&t={topic}", {"message": text}, files)

    def edit(self, post: Post, text: str) -> None:
        """Put other words in the place of those of a post."""
        self._edit(post.number, message=text)
        query = "select post_text from phpbb_posts where post_id = ?"
        assert text.splitlines()[0] in self.ask(query, post.number)[0]

    def delete(self, post: Post) -> None:
        """Take a post away."""
        page = self._person.see(f"posting.php?mode=delete&p={post.number}")
        self._confirm(page)
        query = "select post_visibility from phpbb_posts where post_id = ?"
        assert "1" not in self.ask(query, post.number)

    def pin(self, topic: str) -> None:
        """Show a topic above all others."""
        query = "select topic_first_post_id from phpbb_topics where topic_id = ?"
        self._edit(self.ask(query, topic)[0], topic_type="1")
        assert self.ask("select topic_type from phpbb_topics where topic_id = ?", topic) == ["1"]

    def move(self, topic: str, board: str) -> None:
        """Move a topic, and leave a sign where it stood."""
        query = "select forum_id from phpbb_topics where topic_id = ?"
        now = self.ask(query, topic)[0]
        link = f"mcp.php?f={now}&t={topic}&quickmod=1"
        page = self._person.send(link, {"action": "move"})
        self._confirm(page, to_forum_id=self.board(board), move_leave_shadow="on")
        assert self.ask("select topic_id from phpbb_topics where topic_moved_id = ?", topic)

    def inline(self, number: str) -> str:
        """Return what shows the only attachment among the words."""
        query = "select real_filename from phpbb_attachments where attach_id = ?"
        return f"[attachment=0]{self.ask(query, number)[0]}[/attachment]"

    def cookies(self) -> str:
        """Return what a browser of its own holds, as a cookie file: its key opens to one other alone."""
        person = self._person.elsewhere()
        self._sign_in(person)
        return person.cookies()

    def ask(self, query: str, value: str) -> list[str]:
        """Return the first column of what the database says."""
        with contextlib.closing(sqlite3.connect(self._database, timeout=30)) as database:
            return [str(row[0]) for row in database.execute(query, (value,))]

    def _sign_in(self, person: Person) -> None:
        """Enter for good: else the cookies are of use to this very browser alone."""
        form = person.see("ucp.php?mode=login").form("form#login", "login")
        given = {"username": ADMIN, "password": PASSWORD, "autologin": "on"}
        time.sleep(self._pause)
        page = person.send("ucp.php?mode=login", form | given)
        assert page.tree.css_first('a[href*="mode=logout"]') is not None, page.text

    def _write(self, link: str, fields: dict[str, str], files: Sequence[File]) -> Post:
        page, before = self._person.see(link), self._newest()
        for file in files:
            form = page.form("form#postform", "add_file") | fields
            time.sleep(self._pause)
            page = self._person.send(link, form, [("fileupload", file)])
        time.sleep(self._pause)
        page = self._person.send(link, page.form("form#postform", "post") | fields)
        number = self._newest()
        assert number != before, page.text
        topic = self.ask("select topic_id from phpbb_posts where post_id = ?", number)[0]
        query = "select attach_id from phpbb_attachments where post_msg_id = ? order by attach_id"
        attached = self.ask(query, number)
        assert len(attached) == len(files), page.text
        return Post(topic, number, attached)

    def _edit(self, number: str, **fields: str) -> None:
        link = f"posting.php?mode=edit&p={number}"
        form = self._person.see(link).form("form#postform", "post")
        self._person.send(link, form | fields)

    def _confirm(self, page: Shown, **fields: str) -> None:
        node = page.tree.css_first("form#confirm")
        assert node is not None, page.text
        link = (node.attributes["action"] or "").rpartition("/")[2]
        self._person.send(link, page.form("form#confirm", "confirm") | fields)

    def _newest(self) -> str:
        return self.ask("select coalesce(max(post_id), 0) from phpbb_posts where post_id > ?", "0")[
            0
        ]

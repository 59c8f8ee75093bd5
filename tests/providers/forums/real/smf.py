"""SMF 2.1 as its own installer sets it up, and how one writes there."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.providers.forums.real.harbour import ADMIN, BOARDS, MAIL, PASSWORD, File, Post
from tests.providers.forums.real.software import Database, Person, Shown, found, said

VARIABLE = "GATHERUM_REAL_SMF"
EXTENSIONS = ("pgsql", "gd", "mbstring", "fileinfo")
INSTALLER = ("install.php", "install_2-1_postgresql.sql", "Settings.php", "Settings_bak.php")
# One person writes everything at once.
SETTINGS = {"spamWaitTime": "0", "attachmentPostLimit": "4096", "attachmentSizeLimit": "2048"}


def install(source: Path, folder: Path, person: Person, database: Database) -> "SMF":
    """Set the forum up in the folder that the server shows, with nothing in it but sections."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    for name in INSTALLER:
        shutil.copy(folder / "other" / name, folder / name)
    person.see("install.php")
    _step(person, 0)
    _step(
        person,
        2,
        db_type="postgresql",
        db_server=database.host,
        db_name=database.name,
        db_user=database.user,
        db_passwd="",
        db_prefix="smf_",
        db_port="",
    )
    _step(person, 3, boardurl=person.root.rstrip("/"), mbname="Harbour", force_ssl="1")
    _step(person, 4, pop_done="1")
    secret = {"password1": PASSWORD, "password2": PASSWORD}
    done = _step(person, 5, username=ADMIN, email=MAIL, server_email=MAIL, **secret)
    assert "Good luck!" in done.text, done.text
    for name in INSTALLER[:2]:
        (folder / name).unlink()
    for name, value in SETTINGS.items():
        database.tell("update smf_settings set value = :value where variable = :name", value, name)
    for name in BOARDS:
        _section(database, name, guests=name != BOARDS[-1])
    return SMF(person, database)  # the installer has signed its person in


def _section(database: Database, name: str, *, guests: bool) -> None:
    groups = ("-1", "0") if guests else ("0",)
    database.tell(
        "insert into smf_boards (id_cat, name, description, member_groups, board_order) "
        "values (1, :name, '', :value, 9)",
        ",".join(groups),
        name,
    )
    for group in groups:
        database.tell(
            "insert into smf_board_permissions_view (id_group, id_board, deny) "
            "select cast(:value as int), id_board, 0 from smf_boards where name = :name",
            group,
            name,
        )


def _step(person: Person, number: int, **fields: str) -> Shown:
    return person.send(f"install.php?step={number}", {"contbutt": "Continue", **fields})


class SMF:
    """The forum, and its administrator who writes in it."""

    def __init__(self, person: Person, database: Database) -> None:
        self._person = person
        self._database = database

    def board(self, name: str) -> str:
        """Return the number of a section."""
        return self._database.ask("select id_board from smf_boards where name = :value", name)[0]

    def begin(self, board: str, title: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write the first post of a topic."""
        fields = {"subject": title, "message": text}
        return self._write(f"board={self.board(board)}.0", fields, files)

    def reply(self, topic: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write one more."""
        return self._write(f"topic={topic}.0", {"message": text}, files)

    def edit(self, post: Post, text: str) -> None:
        """Put other words in the place of those of a post."""
        link = f"msg={post.number};topic={post.topic}.0"
        form = self._person.see(f"index.php?action=post;{link}").form("form#postmodify", "post")
        # Boxes that are ticked keep what is attached.
        self._person.send(f"index.php?action=post2;start=0;{link}", form | {"message": text})
        query = "select body from smf_messages where id_msg = :value"
        assert self._database.ask(query, post.number) == [text.replace("\n", "<br>")]

    def delete(self, post: Post) -> None:
        """Take a post away."""
        self._moderate(f"deletemsg;msg={post.number}", post.topic)
        assert not self._database.ask(
            "select id_msg from smf_messages where id_msg = :value", post.number
        )

    def pin(self, topic: str) -> None:
        """Show a topic above all others."""
        self._moderate("sticky", topic)
        query = "select is_sticky from smf_topics where id_topic = :value"
        assert self._database.ask(query, topic) == ["1"]

    def move(self, topic: str, board: str) -> None:
        """Move a topic, and leave a sign where it stood."""
        page = self._person.see(f"index.php?action=movetopic;topic={topic}.0")
        form = page.form("form[action*=movetopic2]") | {
            "toboard": self.board(board),
            "postRedirect": "on",
            "redirect_topic": "on",
            "reason": "It belongs there.",
        }
        self._person.send(f"index.php?action=movetopic2;topic={topic}.0", form)
        query = "select id_topic from smf_topics where id_redirect_topic = :value"
        assert self._database.ask(query, topic)

    def inline(self, number: str) -> str:
        """Return what shows an attachment among the words."""
        return f"[attach id={number}]her[/attach]"

    def spread(self) -> None:
        """Let a minute pass between all posts."""
        self._database.tell("update smf_messages set poster_time = 1750000000 + 60 * id_msg")

    def _moderate(self, action: str, topic: str) -> None:
        page = self._person.see(f"index.php?topic={topic}.0")
        name = found(r'smf_session_var = "(\w+)"', page.text)
        key = found(r'smf_session_id = "(\w+)"', page.text)
        self._person.see(f"index.php?action={action};topic={topic}.0;{name}={key}")

    def _write(self, where: str, fields: dict[str, str], files: Sequence[File]) -> Post:
        page = self._person.see(f"index.php?action=post;{where}")
        form = page.form("form#postmodify", "post") | fields
        before = self._newest()
        page = self._person.send(
            f"index.php?action=post2;start=0;{where}",
            form,
            [("attachment[]", file) for file in files],
        )
        number = self._newest()
        assert number != before, said(page, "#error_list") or page.text
        topic = self._database.ask(
            "select id_topic from smf_messages where id_msg = :value", number
        )[0]
        query = (
            "select id_attach from smf_attachments where id_msg = :value and attachment_type = 0 "
            "order by id_attach"
        )
        attached = self._database.ask(query, number)
        assert len(attached) == len(files), said(page, "#error_list") or page.text
        return Post(topic, number, attached)

    def _newest(self) -> str:
        return self._database.ask("select max(id_msg) from smf_messages")[0]

"""MyBB 1.8 as its own installer sets it up, and how one writes there."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.providers.forums.real.harbour import (
    ADMIN,
    BOARDS,
    MAIL,
    PASSWORD,
    File,
    Post,
)
from tests.providers.forums.real.software import Database, Person, Shown, found, run_php

VARIABLE = "GATHERUM_REAL_MYBB"
EXTENSIONS = ("pgsql", "gd", "mbstring", "SimpleXML")
# One person writes everything at once, and films as well.
SEED = """
define('IN_MYBB', 1);
require 'inc/init.php';
foreach (['postmergemins', 'postfloodcheck', 'searchfloodtime'] as $name) {
    $db->update_query('settings', ['value' => '0'], "name='$name'");
}
rebuild_settings();
foreach (json_decode($argv[1]) as $name) {
    $fid = $db->insert_query('forums', ['name' => $name, 'description' => '', 'type' => 'f',
        'pid' => 1, 'parentlist' => '', 'active' => 1, 'open' => 1, 'allowmycode' => 1,
        'allowsmilies' => 1, 'allowimgcode' => 1, 'allowvideocode' => 1, 'showinjump' => 1,
        'rulestitle' => '', 'rules' => '', 'password' => '', 'linkto' => '']);
    $db->update_query('forums', ['parentlist' => "1,$fid"], "fid=$fid");
}
$db->insert_query('forumpermissions', ['fid' => $fid, 'gid' => 1]);
$db->insert_query('attachtypes', ['name' => 'Film', 'mimetype' => 'video/mp4', 'extension' => 'mp4',
    'maxsize' => 1024, 'icon' => '', 'enabled' => 1, 'forcedownload' => 0, 'groups' => '-1',
    'forums' => '-1', 'avatarfile' => 0]);
$cache->update_forums();
$cache->update_forumpermissions();
$cache->update_attachtypes();
"""


def install(source: Path, folder: Path, person: Person, database: Database) -> "MyBB":
    """Set the board up in the folder that the server shows, with nothing in it but sections."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    shutil.copy(folder / "inc" / "config.default.php", folder / "inc" / "config.php")
    kept = {
        "dbhost": database.host,
        "dbname": database.name,
        "dbuser": database.user,
        "dbpass": "",
        "tableprefix": "mybb_",
        "encoding": "utf8",
    }
    named = {f"config[pgsql][{name}]": value for name, value in kept.items()}
    _step(person, "create_tables", dbengine="pgsql", **named)
    _step(person, "populate_tables")
    _step(person, "templates")
    _step(person, "configuration")
    _step(
        person,
        "adminuser",
        bbname="Harbour",
        bburl=person.root.rstrip("/"),
        websitename="Harbour",
        websiteurl=person.root,
        cookiedomain="",
        cookiepath="/community/",
        contactemail=MAIL,
    )
    secret = {"adminpass": PASSWORD, "adminpass2": PASSWORD}
    done = _step(person, "final", adminuser=ADMIN, adminemail=MAIL, **secret)
    assert "successfully been installed" in done.text, done.text
    shutil.rmtree(folder / "install")
    run_php(folder, SEED, [*BOARDS])
    board = MyBB(person, database)
    board.sign_in()
    return board


def _step(person: Person, action: str, **fields: str) -> Shown:
    return person.send("install/index.php", {"action": action, **fields})


class MyBB:
    """The board, and its administrator who writes in it."""

    def __init__(self, person: Person, database: Database) -> None:
        self._person = person
        self._database = database

    def sign_in(self) -> None:
        """Enter by the form."""
        page = self._person.see("member.php?action=login")
        form = page.form('form:has(input[value="do_login"]):has(input[name="url"])')
        self._person.send("member.php", form | {"username": ADMIN, "password": PASSWORD})

    def board(self, name: str) -> str:
        """Return the number of a section."""
        return self._database.ask("select fid from mybb_forums where name = :value", name)[0]

    def begin(self, board: str, title: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write the first post of a topic."""
        fields = {"subject": title, "message": text}
        return self._write(f"newthread.php?fid={self.board(board)}", fields, files)

    def reply(self, topic: str, text: str, files: Sequence[File] = ()) -> Post:
        """Write one more."""
        return self._write(f"newreply.php?tid={topic}", {"message": text}, files)

    def edit(self, post: Post, text: str) -> None:
        """Put other words in the place of those of a post."""
        page = self._person.see(f"editpost.php?pid={post.number}")
        form = page.form('form[name="input"]', "submit")
        self._person.send(f"editpost.php?pid={post.number}&processed=1", form | {"message": text})
        assert self._database.ask(
            "select message from mybb_posts where pid = :value", post.number
        ) == [text]

    def delete(self, post: Post) -> None:
        """Take a post away."""
        page = self._person.see(f"editpost.php?pid={post.number}")
        form = page.form('form:has(input[value="deletepost"])') | {"delete": "1"}
        self._person.send("editpost.php", form)
        assert "1" not in self._database.ask(
            "select visible from mybb_posts where pid = :value", post.number
        )

    def pin(self, topic: str) -> None:
        """Show a topic above all others."""
        self._moderate("stick", topic)
        assert self._database.ask("select sticky from mybb_threads where tid = :value", topic) == [
            "1"
        ]

    def move(self, topic: str, board: str) -> None:
        """Move a topic, and leave a sign where it stood."""
        self._moderate("do_move", topic, moveto=self.board(board), method="redirect")
        assert self._database.ask(
            "select tid from mybb_threads where closed = :value", f"moved|{topic}"
        )

    def inline(self, number: str) -> str:
        """Return what shows an attachment among the words."""
        return f"[attachment={number}]"

    def spread(self) -> None:
        """Let a minute pass between all posts: a page of a topic begins at a moment."""
        self._database.tell("update mybb_posts set dateline = 1750000000 + 60 * pid")
        self._database.tell(
            "update mybb_threads t set dateline = p.first, lastpost = p.last from (select tid, "
            "min(dateline) as first, max(dateline) as last from mybb_posts where visible = 1 "
            "group by tid) p where p.tid = t.tid"
        )

    def _moderate(self, action: str, topic: str, **fields: str) -> None:
        page = self._person.see(f"showthread.php?tid={topic}")
        key = found(r'my_post_key = "(\w+)"', page.text)
        sent = {"action": action, "tid": topic, "my_post_key": key, **fields}
        self._person.send("moderation.php", sent)

    def _write(self, link: str, fields: dict[str, str], files: Sequence[File]) -> Post:
        form = self._person.see(link).form('form[name="input"]', "submit") | fields
        before = self._newest()
        page = self._person.send(
            f"{link}&processed=1", form, [("attachments[]", file) for file in files]
        )
        number = self._newest()
        assert number != before, page.text
        topic = self._database.ask("select tid from mybb_posts where pid = :value", number)[0]
        query = "select aid from mybb_attachments where pid = :value order by aid"
        attached = self._database.ask(query, number)
        assert len(attached) == len(files), page.text
        return Post(topic, number, attached)

    def _newest(self) -> str:
        return self._database.ask("select max(pid) from mybb_posts")[0]

"""SMF 2.1 with its own theme. Its dates are words; the page's clock tells the zone."""

import re

from gatherum.providers.forums.dialect import Dialect, Search

_ROOT = r"(?P<root>https?://[^?]*/)"
_ASKED = _ROOT + r"(?:index\.php)?\?(?:.*[;&])?"
_PATH = _ROOT + r"index\.php/"

SMF = Dialect(
    name="smf",
    sign=re.compile(rb"\bvar smf_scripturl\s*="),
    links=(
        ("post", re.compile(_ASKED + r"topic=\d+\.msg(?P<id>\d+)(?:[;&].*)?")),
        ("post", re.compile(_PATH + r"topic,\d+\.msg(?P<id>\d+)\.html(?:\?.*)?")),
        ("post", re.compile(_ROOT + r"(?:index\.php)?\?(?:PHPSESSID=\w+[;&])?msg=(?P<id>\d+)")),
        ("topic", re.compile(_ASKED + r"topic=(?P<id>\d+)(?:\.\w*)?(?:[;&].*)?")),
        ("topic", re.compile(_PATH + r"topic,(?P<id>\d+)(?:\.\w+)?\.html(?:\?.*)?")),
        ("forum", re.compile(_ASKED + r"board=(?P<id>\d+)(?:\.\d*)?(?:[;&].*)?")),
        ("forum", re.compile(_PATH + r"board,(?P<id>\d+)(?:\.\d+)?\.html(?:\?.*)?")),
    ),
    homes={
        "post": "index.php?msg={id}",
        "topic": "index.php?topic={id}.0",
        "forum": "index.php?board={id}.0",
    },
    topic_page="index.php?topic={id}.{place}",
    # For visitors this is the last page, for members the first post that they have not seen.
    last_page="index.php?topic={id}.new",
    section_page="index.php?board={id}.{place}",
    first=0,
    place=re.compile(r"(?:(?:topic|board)[=,]\d+\.|[;&]start=)(\d+)"),
    earlier=".pagelinks a.nav_page:has(.previous_page)",
    later=".pagelinks a.nav_page:has(.next_page)",
    pages=".pagelinks a.nav_page",
    title="#top_subject",
    posts='#forumposts div[id^="msg"]:has(> .post_wrapper)',
    author=".poster h4",
    date=".postinfo a.smalltext",
    body=".post .inner",
    attached=".attachments",
    asides="blockquote",
    emoticons="img.smiley",
    notes=".videocontainer, audio",
    # It says so only of what stands among the words.
    withheld='.inner .errorbox:lexbor-contains("cannot view this attachment")',
    attachment=re.compile(r"[?;&]action=dlattach[;&](?:.*[;&])?attach=(\d+)"),
    file="index.php?action=dlattach;attach={id}",
    search=Search(
        # What is asked stands in `params`, or in the fields of the form.
        link=re.compile(
            _ROOT
            + r"(?P<id>index\.php\?(?:.*[;&])?action=search2[;&](?:.*[;&])?(?:params|search)=.+)"
        ),
        dropped=re.compile(r"(?:(?<=\?)|[;&])(?:start|PHPSESSID)=[^;&]*"),
        page="{id};start={place}",
        results=".topic_details",
        found="h5 a[href]",
        frame=".topic_details, .roundframe.noup",
    ),
    examples={"search": "index.php?action=search2;search=fog"},
    section="#messageindex",
    topics="#topic_container > div",
    topic='.message_index_title span[id^="msg_"] a',
    pinned=".main_icons.sticky",
    moved=".main_icons.move",
    wall="form#frmLogin",
    message="#fatal_error",
    gone=re.compile(r"topic doesn't exist"),
    closed=re.compile(r"not allowed"),
    lost=re.compile(rb'id="topic_gone"'),  # who is logged in is asked for no log-in any more
    sure=re.compile(r"[?;&]msg=\d"),  # a post that is there leads to its topic, whoever asks
    clock=".user time[datetime]",
)

"""phpBB 3.3 with its own style, prosilver, and the styles made from that."""

import re

from gatherum.providers.forums.dialect import Dialect, Search

_ROOT = r"(?P<root>https?://[^?]*/)"

PHPBB = Dialect(
    name="phpbb",
    sign=re.compile(rb'<body\s[^>]*\bid="phpbb"'),
    links=(
        ("post", re.compile(_ROOT + r"viewtopic\.php\?(?:.*&)?p=(?P<id>\d+)(?:&.*)?")),
        ("topic", re.compile(_ROOT + r"viewtopic\.php\?(?:.*&)?t=(?P<id>\d+)(?:&.*)?")),
        ("forum", re.compile(_ROOT + r"viewforum\.php\?(?:.*&)?f=(?P<id>\d+)(?:&.*)?")),
    ),
    homes={
        "post": "viewtopic.php?p={id}",
        "topic": "viewtopic.php?t={id}",
        "forum": "viewforum.php?f={id}",
    },
    # A member may have set another order, or to be shown the last days only.
    topic_page="viewtopic.php?t={id}&st=0&sk=t&sd=a&start={place}",
    # A place behind the end is taken for the last page.
    last_page="viewtopic.php?t={id}&st=0&sk=t&sd=a&start=99999999",
    section_page="viewforum.php?f={id}&st=0&sk=t&sd=d&start={place}",
    first=0,
    place=re.compile(r"[?&]start=(\d+)"),
    earlier='.pagination a[rel="prev"]',
    later='.pagination a[rel="next"]',
    pages=".action-bar .pagination a",
    title=".topic-title",
    posts='div.post[id^="p"]',
    author=".postprofile .username, .postprofile .username-coloured",
    date="p.author time",
    body=".content",
    attached="dl.attachbox",
    asides="blockquote",
    emoticons="img.smilies, img.emoji",
    notes=".inline-attachment",
    withheld=".postbody div.rules",
    attachment=re.compile(r"download/file\.php\?(?:.*&)?id=(\d+)"),
    file="download/file.php?id={id}",
    search=Search(
        link=re.compile(_ROOT + r"(?P<id>search\.php\?(?:.*&)?(?:keywords|author|author_id)=.+)"),
        dropped=re.compile(r"(?:(?<=\?)|&)(?:start|sid|sr|sk|sd|st|submit|hilit)=[^&]*"),
        page="{id}&sr=posts&sk=t&sd=d&start={place}",
        results="div.search.post",
        found=".postbody h3 a[href], .searchresults a[href]",
        frame=".searchresults-title",
    ),
    examples={"search": "search.php?keywords=fog"},
    section=".forum-title",
    topics="ul.topics > li.row",
    topic="a.topictitle",
    pinned="li.sticky, li.announce, li.global-announce",
    recent='.lastpost a[href*="viewtopic.php"]',  # a topic may have been bumped
    moved=".topic_moved",
    wall='form#login, form#login_forum, form[action*="mode=login"]',
    message="#message",
    gone=re.compile(r"topic does not exist|topic or forum no longer exists|forum .*does not exist"),
    closed=re.compile(r"not authorised"),
)

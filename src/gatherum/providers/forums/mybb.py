"""MyBB 1.8 with its own theme. Its dates are words in the board's zone; the clock at the foot of each page tells it."""

import re

from gatherum.providers.forums.dialect import Dialect, Search

_ROOT = r"(?P<root>https?://[^?]*/)"
_THREAD = _ROOT + r"showthread\.php\?(?:.*&)?"

MYBB = Dialect(
    name="mybb",
    sign=re.compile(rb"\bvar my_post_key\s*="),
    links=(
        ("post", re.compile(_THREAD + r"pid=(?P<id>\d+)(?:&.*)?")),
        ("post", re.compile(_ROOT + r"(?:thread-\d+-)?post-(?P<id>\d+)\.html(?:\?.*)?")),
        ("topic", re.compile(_THREAD + r"tid=(?P<id>\d+)(?:&.*)?")),
        ("topic", re.compile(_ROOT + r"thread-(?P<id>\d+)(?:-[\w-]+)?\.html(?:\?.*)?")),
        ("forum", re.compile(_ROOT + r"forumdisplay\.php\?(?:.*&)?fid=(?P<id>\d+)(?:&.*)?")),
        ("forum", re.compile(_ROOT + r"forum-(?P<id>\d+)(?:-page-\d+)?\.html(?:\?.*)?")),
    ),
    homes={
        "post": "showthread.php?pid={id}",
        "topic": "showthread.php?tid={id}",
        "forum": "forumdisplay.php?fid={id}",
    },
    # A board or a member may be set to be shown one post of a topic at a time.
    topic_page="showthread.php?tid={id}&mode=linear&page={place}",
    last_page="showthread.php?tid={id}&mode=linear&page=last",
    # A section may be set to show the last days only, or in another order.
    section_page="forumdisplay.php?fid={id}&datecut=9999&sortby=lastpost&order=desc&page={place}",
    first=1,
    place=re.compile(r"(?:[?&]page=|-page-)(\d+)"),
    # A topic that stands on a later page of its section shows the pages of that as well.
    earlier=".pagination:not(.pagination_breadcrumb) a.pagination_previous",
    later=".pagination:not(.pagination_breadcrumb) a.pagination_next",
    pages=".pagination:not(.pagination_breadcrumb) a",
    title="title",
    posts='#posts div.post[id^="post_"]:not(.deleted_post_hidden)',
    void=".deleted_post",
    author=".author_information .largetext",
    date=".post_date",
    body=".post_body",
    attached=".post_content > fieldset",
    asides="blockquote",
    emoticons='img.smilie, img[src*="attachtypes/"]',  # the latter stand for kinds of files
    notes="img.attachment",
    withheld="",
    clock="#current_time",
    attachment=re.compile(r"attachment\.php\?(?:.*&)?(?:aid|thumbnail)=(\d+)"),
    file="attachment.php?aid={id}",
    search=Search(
        # A search has a number for as long as the session of who made it.
        link=re.compile(
            _ROOT + r"(?P<id>search\.php\?(?:.*&)?action=results&(?:.*&)?sid=\w+(?:&.*)?)"
        ),
        dropped=re.compile(r"&(?:page|sortby|order|uid)=[^&]*"),
        page="{id}&sortby=dateline&order=desc&page={place}",
        results="tr.inline_row",
        found='a[href*="showthread.php"], a[href*="thread-"]',
        frame="tr.inline_row",
    ),
    examples={"search": "search.php?action=results&sid=0a1b"},
    section=".thread_legend",
    shelf=".forum_status",
    topics="tr.inline_row",
    topic='span[id^="tid_"] a',
    pinned=".forumdisplay_sticky",
    moved=".movefolder",
    wall='td.trow1 a[href*="action=login"], input[name="pwverify"]',
    message="td.trow1",
    gone=re.compile(r"specified (?:thread|post) does not exist|Invalid forum"),
    closed=re.compile(r"do not have permission"),
)

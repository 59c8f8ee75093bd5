"""vBulletin 3.8 and 4.2 with their own styles: their pages differ, their links and numbers do not."""

import re

from gatherum.providers.forums.dialect import Dialect, Search

_ROOT = r"(?P<root>https?://[^?]*/)"
_THREAD = r"(?:showthread\.php[?/]|threads/)"  # with a number, and mostly a title, behind it

VBULLETIN = Dialect(
    name="vbulletin",
    sign=re.compile(
        rb'<meta name="generator" content="vBulletin [34]|\bvar SECURITYTOKEN\s*='
        rb'|<html[^>]*\bid="vbulletin_html"'
    ),
    links=(
        ("post", re.compile(_ROOT + r"showpost\.php\?(?:.*&)?p(?:ostid)?=(?P<id>\d+)(?:&.*)?")),
        ("post", re.compile(_ROOT + r"showthread\.php\?(?:.*&)?p(?:ostid)?=(?P<id>\d+)(?:&.*)?")),
        ("post", re.compile(_ROOT + _THREAD + r"\d+[^?]*\?(?:.*&)?p=(?P<id>\d+)(?:&.*)?")),
        (
            "topic",
            re.compile(_ROOT + r"showthread\.php\?(?:.*&)?t(?:hreadid)?=(?P<id>\d+)(?:&.*)?"),
        ),
        ("topic", re.compile(_ROOT + _THREAD + r"(?P<id>\d+)(?:[-/?&].*)?")),
        (
            "forum",
            re.compile(_ROOT + r"forumdisplay\.php\?(?:.*&)?f(?:orumid)?=(?P<id>\d+)(?:&.*)?"),
        ),
        ("forum", re.compile(_ROOT + r"(?:forumdisplay\.php[?/]|forums/)(?P<id>\d+)(?:[-/?&].*)?")),
    ),
    homes={
        "post": "showthread.php?p={id}",
        "topic": "showthread.php?t={id}",
        "forum": "forumdisplay.php?f={id}",
    },
    topic_page="showthread.php?t={id}&page={place}",
    # A page behind the end is taken for the last one.
    last_page="showthread.php?t={id}&page=99999",
    # A section may be set to show the last days only, or in another order.
    section_page="forumdisplay.php?f={id}&daysprune=-1&sort=lastpost&order=desc&page={place}",
    first=1,
    place=re.compile(r"(?:[?&]page=|/page)(\d+)"),
    earlier='.pagenav a[rel="prev"], .pagination a[rel="prev"]',
    later='.pagenav a[rel="next"], .pagination a[rel="next"]',
    pages=".pagenav a, .pagination a",
    title=".threadtitle, td.navbar strong",
    posts='li.postcontainer:not(.postbitdeleted):not(.postbitignored)[id^="post_"], '
    'table[id^="post"]:has([id^="post_message_"])',
    author='.username_container .username, a.bigusername, [id^="postmenu_"]:not(:has(a))',
    date=".postdate .date, td.thead",
    # In version 4 the words stand in a quotation's element of their own.
    body='[id^="post_message_"]:not(:has(> .postcontent)), [id^="post_message_"] > .postcontent',
    attached="div.attachments, fieldset.fieldset",
    asides=".bbcode_quote, div:has(> .smallfont + table td.alt2)",
    emoticons='img.inlineimg, img[src*="images/smilies/"]',
    notes='a[href*="attachment.php?attachmentid="]',
    withheld="",
    attachment=re.compile(r"attachment\.php\?(?:.*&)?attachmentid=(\d+)"),
    file="attachment.php?attachmentid={id}",
    search=Search(
        link=re.compile(
            _ROOT
            + r"(?P<id>search\.php\?(?:.*&)?do=(?:process&(?:.*&)?(?:query|searchuser)=[^&]|finduser&).*)"
        ),
        dropped=re.compile(
            r"(?:(?<=\?)|&)(?:s|pp|page|showposts|sortby|order|contenttype|securitytoken)=[^&]*"
        ),
        page="{id}&contenttype=vBForum_Post&showposts=1&sortby=dateline&order=descending",
        # The results of one search stand at an address that is kept for a while.
        kept=True,
        results='table[id^="post"], #searchbits > li',
        found='a[href*="p="]',
        frame="#searchbits",
        nothing=re.compile(r"no matches"),
    ),
    examples={"search": "search.php?do=process&query=fog"},
    section="#threadlist, #threadslist",
    topics='li.threadbit, tbody[id^="threadbits_"] > tr',
    topic='a[id^="thread_title_"]',
    pinned='#stickies > li, img[src*="misc/sticky"]',
    moved='img[src*="thread_moved"]',
    # The head of each page asks visitors to log in, too.
    wall='input[name="vb_login_username"]:not([id="navbar_username"])',
    message=".standard_error .blockrow, td.panelsurround",
    gone=re.compile(r"\b(?:No|Invalid) \w+ specified"),
    closed=re.compile(r"do not have permission"),
    zone='#footer_time, div.smallfont[align="center"]:has(> .time)',
)

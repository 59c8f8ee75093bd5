"""Invision Community 4, by the marks that its public pages show."""

import re

from gatherum.providers.forums.dialect import Dialect, Search

_ROOT = r"(?P<root>https?://[^?]*?/(?:index\.php\?/)?)"
_NAME = r"(?P<name>(?P<id>\d+)-[^/?&]*)(?:/.*)?(?:[?&].*)?"

INVISION = Dialect(
    name="invision",
    sign=re.compile(rb"<body[^>]*\bipsApp_front\b"),
    links=(
        ("topic", re.compile(_ROOT + "topic/" + _NAME)),
        ("forum", re.compile(_ROOT + "forum/" + _NAME)),
    ),
    # A link to one post leads to the page of its topic: no link means it alone.
    homes={"topic": "topic/{id}/", "forum": "forum/{id}/", "post": "topic/{id}"},
    examples={"topic": "12-holiday", "forum": "12-holiday", "search": "search/?q=fog"},
    topic_page="topic/{id}/page/{place}/",
    # A page behind the end leads to the last one (as gallery-dl 1.32 reads it).
    last_page="topic/{id}/page/9999/",
    section_page="forum/{id}/page/{place}/",
    first=1,
    place=re.compile(r"(?:/page/|[?&]page=)(\d+)"),
    earlier='li.ipsPagination_prev:not(.ipsPagination_inactive) a[rel="prev"]',
    later='li.ipsPagination_next:not(.ipsPagination_inactive) a[rel="next"]',
    pages="ul.ipsPagination a",
    permalink='a[href*="do=findComment"]',
    title="h1.ipsType_pageTitle",
    posts='article[id^="elComment_"]',
    author=".cAuthorPane_author",
    date="time[datetime]",
    body='[data-role="commentContent"]',
    attached="",
    asides="blockquote",
    emoticons="img[data-emoticon], img.ipsEmoji",
    notes="a.ipsAttachLink, video",
    # Pictures that are for members are links to the board's login (as gallery-dl 1.32 reads it).
    withheld='[data-role="commentContent"] a[href^="{root}login/"]',
    attachment=re.compile(r"/interface/file/attachment\.php\?(?:.*&)?id=(\d+)"),
    numbered="data-fileid",
    sources=("data-full-image", "data-src", "src"),
    search=Search(
        link=re.compile(_ROOT + r"search/[?&](?P<id>(?:.*&)?(?:q|tags)=[^&].*)"),
        dropped=re.compile(
            r"(?:^|&)(?:page|sortby|sortdirection|quick|type|csrfKey|updated_after)=[^&]*"
        ),
        home="search/?{id}",
        page="search/?{id}&type=forums_topic&sortby=newest&page={place}",
        starts=True,
        results='[data-role="resultsContents"] > li',
        found=".ipsStreamItem_title a[href]",
        frame='[data-role="resultsContents"]',
        post=re.compile(
            _ROOT
            + r"topic/(?P<name>\d+-[^/?&]*/[?&](?:.*&)?do=findComment&comment=(?P<id>\d+))(?:&.*)?"
        ),
    ),
    section='[data-role="tableRows"]',
    topics='li[data-controller="forums.front.forum.topicRow"]',
    topic=".ipsDataItem_title a[href]",
    pinned=".fa-thumb-tack",
    moved="",
    wall="form#elSignIn_internal, form[data-controller*='login']",
    message="#elError",
    gone=re.compile(r"could not find"),
    closed=re.compile(r"do not have permission"),
)

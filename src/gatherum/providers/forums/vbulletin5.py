"""vBulletin 5 and 6: other pages, links and numbers than before, so a platform of its own."""

import re

from gatherum.providers.forums.dialect import Dialect

_ROOT = r"(?P<root>https?://[^/?]+/)"
_END = r"(?:/page\d+)?/?(?:\?.*)?"
# Sections have no numbers in their links: what else a forum has is known by its own names.
_OTHERS = (
    r"(?![^?]*\b(?:member|memberlist|search|register|online|node|activity|help|album)(?:[/?]|$))"
)

VBULLETIN5 = Dialect(
    name="vbulletin5",
    sign=re.compile(rb'<body[^>]*\bid="vb-page-body"'),
    links=(
        (
            "topic",
            re.compile(_ROOT + _OTHERS + r"(?P<name>(?:[^/?]+/)*?(?P<id>\d+)-[^/?]+)" + _END),
        ),
        (
            "forum",
            re.compile(
                _ROOT
                + _OTHERS
                + r"(?P<name>(?P<id>(?:[^/?]+/)*?forums?/(?:(?!\d+-)[^/?]+/??)+?))"
                + _END
            ),
        ),
    ),
    # A link to one post leads to the page of its topic: no link means it alone.
    homes={"topic": "{id}", "forum": "{id}", "post": "{id}"},
    examples={"topic": "forum/pictures/12-holiday", "forum": "forum/pictures"},
    topic_page="{id}/page{place}",
    last_page="{id}",  # its first page names the last one
    section_page="{id}/page{place}",
    first=1,
    place=re.compile(r"/page(\d+)"),
    earlier=".js-pagenav a.js-pagenav-prev-button:not(.h-hide-imp)",
    later=".js-pagenav a.js-pagenav-next-button:not(.h-hide-imp)",
    pages=".js-pagenav a",
    permalink="a.b-post__count[href]",
    title="h1",
    posts="li.b-post[data-node-id][data-node-publishdate]",
    number="data-node-id",
    author=".author",
    date="time[datetime]",
    stamp="data-node-publishdate",  # the time that is shown is that of the board's own zone
    body=".js-post__content-text",
    attached='[class*="attachments"]',
    asides=".bbcode_quote, .b-bbcode--quote",
    emoticons="img.inlineimg, img.b-emoji, img.smilie",
    notes='a[href*="filedata/fetch"]',
    withheld="",
    attachment=re.compile(r"filedata/fetch\?(?:.*&)?(?:photo)?id=(\d+)"),
    sources=("data-fullsize-url", "data-src", "src"),
    section=".topic-list",
    topics="tr.topic-item",
    topic="a.topic-title[href]",
    pinned=".sticky-list > tr, tr.sticky",
    moved="",
    wall="form.login-form-page",
    message="#content",
    gone=re.compile(r"(?!)"),  # what is gone has a status that says so
    closed=re.compile(r"do not have permission"),
)

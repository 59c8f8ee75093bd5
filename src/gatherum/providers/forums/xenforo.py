"""XenForo 2 with its own style, and XenForo 1 as far as that is still about."""

import re

from gatherum.providers.forums.dialect import Dialect, Search

_ROOT = r"(?P<root>https?://[^?]*?/(?:index\.php\?)?)"
_REST = r"(?:[/?&].*)?"
# Pages of XenForo itself, which stand behind `forums/` where that is the folder of the board.
_OWN = (
    r"(?:account|attachments|conversations|direct-messages|find-new|forums|help|login|logout|"
    r"lost-password|media|members|misc|online|posts|register|resources|search|tags|threads|watched|"
    r"whats-new)(?:[/?&]|$)"
)

XENFORO = Dialect(
    name="xenforo",
    sign=re.compile(rb'<html[^>]*\bid="X(?:F|enForo)"'),
    links=(
        ("post", re.compile(_ROOT + r"posts/(?P<id>\d+)" + _REST)),
        # What a quote leads to.
        ("post", re.compile(_ROOT + r"goto/post/?[?&](?:.*&)?id=(?P<id>\d+)(?:&.*)?")),
        ("post", re.compile(_ROOT + r"th(?:reads|ema)/[^/?&]+/post-(?P<id>\d+)" + _REST)),
        (
            "thread",
            re.compile(_ROOT + r"th(?:reads|ema)/(?P<name>(?:[^/?&]*\.)?(?P<id>\d+))" + _REST),
        ),
        (
            "forum",
            re.compile(_ROOT + r"forums?/(?P<name>(?:[^/?&]*\.)?(?P<id>\d+))" + _REST),
        ),
        # Sections may have a name of their own in the place of the number.
        (
            "forum",
            re.compile(_ROOT + rf"forums/(?!{_OWN})(?P<id>[\w-]+)(?:/page-\d+)?/?(?:[?&].*)?"),
        ),
    ),
    topic_feed="thread",
    homes={"post": "posts/{id}/", "thread": "threads/{id}/", "forum": "forums/{id}/"},
    examples={
        "post": "345",
        "thread": "holiday.12",
        "forum": "pictures.3",
        "search": "search/search?keywords=fog",
    },
    topic_page="threads/{id}/page-{place}",
    # A page behind the end leads to the last one.
    last_page="threads/{id}/page-99999",
    # A section may be set to another order.
    section_page="forums/{id}/page-{place}?order=last_post_date&direction=desc",
    first=1,
    place=re.compile(r"(?:/page-|[?&]page=)(\d+)"),
    earlier='a.pageNav-jump--prev, link[rel="prev"]',
    later='a.pageNav-jump--next, link[rel="next"]',
    pages=".pageNav a, .PageNav a",
    title=".p-title-value, .titleBar h1",
    posts='article.message[id^="js-post-"], li.message[id^="post-"]:not(.deleted)',
    repeated=".message--article, .message--question",
    author=".message-name .username, .message-attribution .username, .userText .username",
    date=".message-attribution time, .messageMeta .DateTime",
    body=".message-body .bbWrapper, blockquote.messageText",
    attached=".message-attachments li, .attachedFiles li",
    called=".file-name",
    asides=".bbCodeBlock--quote, .bbCodeQuote",
    emoticons="img.smilie, img.mceSmilie, img.mceSmilieSprite, .bbCodeBlock--unfurl img",
    notes=".bbCodeBlock--unfurl, .bbMediaWrapper-fallback, .bbCodeSpoiler-button, "
    ".bbCodeBlock-expandLink, noscript",
    withheld="",
    # The number of a player's file or of a small picture counts another thing.
    small=re.compile(r"/attachments/\d+/\d+-"),
    attachment=re.compile(r"(?<!/data)[/?]attachments/(?:[^/?&]*\.)?(\d+)(?:[/?&]|$)"),
    sources=("data-src", "src"),
    search=Search(
        link=re.compile(
            _ROOT + r"search/(?:search|\d+)/?[?&](?P<id>(?:.*&)?(?:q|keywords|c%5Busers%5D)=[^&].*)"
        ),
        dropped=re.compile(r"(?:^|&)(?:page|g|o|order|grouped|_xf\w+)=[^&]*"),
        named={"q": "keywords", "t": "search_type"},
        # The results of one search stand at an address that is kept for a while.
        home="search/search?{id}",
        page="search/search?{id}&order=date",
        kept=True,
        starts=True,
        results=".contentRow, li.searchResult",
        found=".contentRow-title a[href], h3.title a[href]",
        frame='.contentRow, html[data-template="message_page"], li.searchResult',
        nothing=re.compile(r"No results found"),
    ),
    section=".structItemContainer, .message--articlePreview, .js-emptyThreadList, .discussionList, "
    '.p-body-pageContent .blockMessage:lexbor-contains("no threads")',
    topics=".structItem--thread, .message--articlePreview, li.discussionListItem",
    topic=".structItem-title a:not(.labelLink), .articlePreview-title a:not(.labelLink), "
    "h3.title a.PreviewTooltip",
    pinned=".structItemContainer-group--sticky > .structItem, .structItem-status--sticky, li.sticky",
    moved=".structItem-status--redirect, a.redirect",
    # The head of each page of XenForo 1 has a form for members, too.
    wall='html[data-template="login"] form[action*="login/login"], #pageLogin',
    message=".p-body-pageContent .blockMessage, .errorOverlay .baseHtml",
    gone=re.compile(r"could not be found"),
    closed=re.compile(r"do not have permission|must be logged.in"),
)

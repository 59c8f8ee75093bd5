"""A page of each of the common engines gives each of its pictures once, in its largest size."""

import pytest

from gatherum.providers.page import content_of, media_of

WIX = "https://static.wixstatic.com/media/0a1b2c_4d5e~mv2.jpg"
SQUARESPACE = "https://images.squarespace-cdn.com/content/v1/5f/1600-0A1B/cat.jpg"
BLOGGER = "https://blogger.googleusercontent.com/img/b/R29v/AVvX-0a1b"
TUMBLR = "https://64.media.tumblr.com/0a1b2c3d/4e5f6a7b-c8"
SHOPIFY = "https://cdn.shopify.com/s/files/1/0001/files"
FLICKR = "https://live.staticflickr.com/65535/53211"

# The engine, the address of its page, what that shows, and what is to be had.
PAGES = {
    "MediaWiki": (
        "https://wiki.example/wiki/Cats",
        """<meta name="generator" content="MediaWiki 1.43.12"><figure><a href="/wiki/File:Cat.jpg"
        class="mw-file-description"><img src="/images/thumb/a/ab/Cat.jpg/220px-Cat.jpg" width="220"
        height="147" srcset="/images/thumb/a/ab/Cat.jpg/330px-Cat.jpg 1.5x,
        /images/thumb/a/ab/Cat.jpg/440px-Cat.jpg 2x"></a></figure>
        <a href="/index.php?title=File:Dog.png"><img src="/images/c/cd/Dog.png" width="200"></a>
        <li class="gallerybox"><a href="/wiki/File:Cat.jpg"><img width="120" height="80"
        src="/images/thumb/a/ab/Cat.jpg/120px-Cat.jpg"></a></li>
        <img src="/images/thumb/e/ef/Plan.pdf/page1-220px-Plan.pdf.jpg" width="220">""",
        [
            "https://wiki.example/images/a/ab/Cat.jpg",
            "https://wiki.example/images/c/cd/Dog.png",
            "https://wiki.example/images/thumb/e/ef/Plan.pdf/page1-220px-Plan.pdf.jpg",
        ],
    ),
    "a File: page of MediaWiki": (
        "https://wiki.example/wiki/File:Cat.jpg",
        """<div class="fullImageLink" id="file"><a href="/images/a/ab/Cat.jpg"><img width="800"
        src="/images/thumb/a/ab/Cat.jpg/800px-Cat.jpg"></a></div><a href="/images/thumb/a/ab/Cat.jpg/320px-Cat.jpg">
        320 x 213</a><table class="filehistory"><tr><td><a href="/images/archive/a/ab/2025!Cat.jpg"><img
        src="/images/thumb/archive/a/ab/2025!Cat.jpg/120px-Cat.jpg" width="120"></a></td></tr></table>""",
        ["https://wiki.example/images/a/ab/Cat.jpg"],
    ),
    "WordPress": (
        "https://blog.example/2026/05/cats/",
        """<meta name="generator" content="WordPress 6.8"><img
        src="/wp-content/uploads/2026/05/cat-1024x683.jpg" srcset="/wp-content/uploads/2026/05/cat-1024x683.jpg
        1024w, /wp-content/uploads/2026/05/cat-300x200.jpg 300w" width="1024" height="683">
        <a href="/cats/dog/"><img data-orig-file="/wp-content/uploads/2026/05/dog.jpg"
        src="/wp-content/uploads/2026/05/dog-300x200.jpg"></a>
        <img src="/wp-content/uploads/2026/05/cat-150x150.jpg" width="150">
        <img src="/wp-content/uploads/2026/05/owl-scaled.jpg">
        <img src="https://i0.wp.com/blog.example/fox.jpg?resize=300%2C200&ssl=1">""",
        [
            "https://blog.example/wp-content/uploads/2026/05/cat.jpg",
            "https://blog.example/wp-content/uploads/2026/05/dog.jpg",
            "https://blog.example/wp-content/uploads/2026/05/owl.jpg",
            "https://i0.wp.com/blog.example/fox.jpg?ssl=1",
        ],
    ),
    "Ghost": (
        "https://ghost.example/cats/",
        """<img srcset="/content/images/size/w300/2026/05/cat.jpg 300w,
        /content/images/size/w1000/2026/05/cat.jpg 1000w" src="/content/images/size/w1000/2026/05/cat.jpg">
        <img src="/content/images/2026/05/cat.jpg" srcset="/content/images/size/w600/2026/05/cat.jpg 600w,
        /content/images/2026/05/cat.jpg 1200w"><img src="/content/images/size/w600/format/webp/2026/05/dog.jpg">""",
        [
            "https://ghost.example/content/images/2026/05/cat.jpg",
            "https://ghost.example/content/images/2026/05/dog.jpg",
        ],
    ),
    "Shopify": (
        "https://shop.example/products/cat",
        f"""<img src="//shop.example/cdn/shop/files/cat.jpg?v=17&width=533"
        srcset="//shop.example/cdn/shop/files/cat.jpg?v=17&width=165 165w,
        //shop.example/cdn/shop/files/cat.jpg?v=17&width=1100 1100w">
        <img src="{SHOPIFY}/dog_300x300.jpg?v=18"><img src="{SHOPIFY}/dog_1024x1024_crop_center@2x.jpg?v=18">
        <img src="{SHOPIFY}/owl_grande.png">""",
        [
            "https://shop.example/cdn/shop/files/cat.jpg?v=17",
            f"{SHOPIFY}/dog.jpg?v=18",
            f"{SHOPIFY}/owl.png",
        ],
    ),
    "Blogger": (
        "https://cats.blogspot.com/2026/05/cat.html",
        f"""<div class="separator"><a href="{BLOGGER}/s4000/cat.jpg"><img src="{BLOGGER}/w400-h300/cat.jpg"
        width="400"></a></div><img src="{BLOGGER}/s320/cat.jpg">
        <img src="https://1.bp.blogspot.com/-0a/YQ/AAA/s1600/dog.jpg">
        <img src="https://blogger.googleusercontent.com/img/a/AVvX=w640-h480">""",
        [
            f"{BLOGGER}/s0/cat.jpg",
            "https://1.bp.blogspot.com/-0a/YQ/AAA/s0/dog.jpg",
            "https://blogger.googleusercontent.com/img/a/AVvX=s0",
        ],
    ),
    "Tumblr": (
        "https://cats.tumblr.com/post/7",
        f"""<img srcset="{TUMBLR}/s540x810/1a.jpg 540w, {TUMBLR}/s1280x1920/2b.jpg 1280w"
        src="{TUMBLR}/s640x960/3c.jpg"><img src="{TUMBLR}/s500x750/4d.jpg">
        <img src="https://64.media.tumblr.com/tumblr_0a1b_500.jpg" data-highres="https://64.media.tumblr.com/tumblr_0a1b_1280.jpg">
        <img src="https://64.media.tumblr.com/tumblr_0c1d_400.png">""",
        [
            f"{TUMBLR}/s1280x1920/2b.jpg",
            "https://64.media.tumblr.com/tumblr_0a1b_1280.jpg",
            "https://64.media.tumblr.com/tumblr_0c1d_1280.png",
        ],
    ),
    "Squarespace": (
        "https://studio.example/work",
        f"""<img data-src="{SQUARESPACE}" data-image="{SQUARESPACE}" src="data:image/gif;base64,AA">
        <img src="{SQUARESPACE}?format=300w" srcset="{SQUARESPACE}?format=100w 100w,
        {SQUARESPACE}?format=2500w 2500w">""",
        [f"{SQUARESPACE}?format=original"],
    ),
    "Wix": (
        "https://studio.example/about",
        f"""<wow-image><img src="{WIX}/v1/fill/w_147,h_98,al_c,q_80,usm_0.66,blur_2/cat.jpg"
        srcset="{WIX}/v1/fill/w_600,h_400,al_c,q_80/cat.jpg 1x, {WIX}/v1/fill/w_1200,h_800,al_c,q_85/cat.jpg 2x">
        </wow-image><img src="{WIX}">""",
        [WIX],
    ),
    "Drupal": (
        "https://museum.example/node/7",
        """<meta name="generator" content="Drupal 11"><picture><source type="image/webp"
        srcset="/sites/default/files/styles/wide/public/2026-05/cat.jpg.webp?itok=0a1b 1x">
        <img src="/sites/default/files/styles/large/public/2026-05/cat.jpg?itok=2c3d" width="480" height="320">
        </picture><img src="/sites/default/files/2026-05/cat.jpg"><img
        src="/sites/museum.example/files/styles/thumbnail/public/dog.png?itok=4e">""",
        [
            "https://museum.example/sites/default/files/2026-05/cat.jpg",
            "https://museum.example/sites/museum.example/files/dog.png",
        ],
    ),
    "Hugo": (
        "https://notes.example/posts/cats/",
        """<meta name="generator" content="Hugo 0.140.0"><img src="/posts/cats/cat_hu0a1b2c3d4e5f_48213_600x0_resize_q75_box.jpg"
        srcset="/posts/cats/cat_hu0a1b2c3d4e5f_48213_600x0_resize_q75_box.jpg 600w,
        /posts/cats/cat_hu0a1b2c3d4e5f_48213_1200x0_resize_q75_box.jpg 1200w">
        <a href="dog.jpg"><img src="dog_hu_7f8e9d0c1b2a3948.jpg"></a><img src="dog_hu_0f1e2d3c4b5a6978.jpg">""",
        [
            "https://notes.example/posts/cats/cat_hu0a1b2c3d4e5f_48213_1200x0_resize_q75_box.jpg",
            "https://notes.example/posts/cats/dog.jpg",
        ],
    ),
    "plain pages": (
        "https://plain.example/",
        f"""<img src="a.jpg?w=300"><img src="a.jpg?w=900"><img src="b-300x200.jpg"><img src="b-1200x800.jpg">
        <img src="c-1920x1080.jpg"><img src="d.jpg?id=7"><img src="d.jpg?id=8">
        <img src="{FLICKR}_0a1b_m.jpg"><img src="{FLICKR}_0a1b_b.jpg"><img src="{FLICKR}_0a1b_s.jpg">
        <img src="/image?id=7&w=300"><img data-full="e.jpg" srcset="e1.jpg 1x, e2.jpg 2x">""",
        [
            "https://plain.example/a.jpg",
            "https://plain.example/b-1200x800.jpg",
            "https://plain.example/c-1920x1080.jpg",
            "https://plain.example/d.jpg?id=7",
            "https://plain.example/d.jpg?id=8",
            f"{FLICKR}_0a1b_b.jpg",
            "https://plain.example/image?id=7&w=300",
            "https://plain.example/e.jpg",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("engine", PAGES)
def test_each_picture_is_had_once_and_in_its_largest_size(engine: str) -> None:
    url, html, expected = PAGES[engine]

    assert [file.url for file in content_of(html, url).files] == expected


def test_the_largest_size_that_the_page_shows_is_had_where_the_original_does_not_answer() -> None:
    small, large = "https://x.example/a.jpg?w=300", "https://x.example/a.jpg?w=900"

    (media,) = media_of(content_of(f'<img src="{small}"><img src="{large}">', small).files)

    assert (media.id, media.url, media.mirrors) == (
        "https://x.example/a.jpg",
        "https://x.example/a.jpg",
        (large,),
    )

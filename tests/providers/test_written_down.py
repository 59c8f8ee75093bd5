"""What can be followed is written down, and is what the providers say."""

from gatherum.providers import ANY, all_providers
from scripts.platforms import TARGET, describe


def test_the_committed_list_of_platforms_is_that_of_the_providers() -> None:
    assert TARGET.read_text(encoding="utf-8") == describe(), (
        "The platforms have changed: look at the difference that `make platforms` makes, and commit it."
    )


def test_every_way_to_every_feed_is_in_it() -> None:
    text = describe()

    for one in all_providers():
        if one.platform != ANY:
            section = text.partition(f"## {one.platform}\n")[2].partition("\n## ")[0]
            row = next(line for line in section.splitlines() if line.startswith(f"| {one.feed} |"))
            assert one.name.removeprefix(f"{one.platform}.") in row

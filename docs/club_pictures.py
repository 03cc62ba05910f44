"""The two pages of the club book that the documents show: `python docs/club_pictures.py`."""

from __future__ import annotations

from pathlib import Path

from programme import club_plan
from programme.site import CHECKOUT
from soc.club.book import make_pictures

PICTURES = Path(__file__).parent / "pictures"
DOTS_PER_INCH = 72
# Name → session, languages, page of its book: cover, an empty back, the guide, the exercises.
PAGES = {
    "club-guide": (3, ("en",), 4),
    "club-exercises": (8, ("km", "en"), 5),
}


def main() -> None:
    """Write them over those that are there."""
    course = CHECKOUT / "course"
    club = club_plan.read(course)
    for name, (session, languages, page) in PAGES.items():
        pages = make_pictures(course, club, [session], languages, DOTS_PER_INCH)
        (PICTURES / f"{name}.png").write_bytes(pages[page - 1])


if __name__ == "__main__":
    main()

"""The public page behind a certificate's QR code: it confirms, and tells nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import requests

from programme import reported
from programme.certificates import issuing, keys, signed
from programme.fictional_years import fill_years
from programme.pages.verify import MOST_MISSES
from programme.site import Site
from tests.programme.service import service
from tests.programme.sites import make_site

COHORT = "ambassador-2022"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    site = make_site(tmp_path_factory.mktemp("verify") / "data")
    fill_years(site, reported.REPORTED[:1], 1)
    keys.make_key(site)
    issuing.issue(site, COHORT, by="office", today=date(2022, 5, 2))
    with service(site) as address:
        yield site, address


def _get(url: str, language: str = "en") -> requests.Response:
    return requests.get(f"{url}?lang={language}", timeout=20)


def test_it_confirms_name_programme_and_date_and_nothing_else(school: tuple[Site, str]) -> None:
    site, address = school
    one, other, *_ = issuing.of_cohort(site, COHORT)
    said = signed.Statement.read(one.payload)
    page = _get(f"{address}verify/{one.number}")
    assert page.status_code == 200
    for fact in (said.name, said.name_km, "Ambassador Programme", "2 May 2022", "genuine"):
        assert fact in page.text
    for secret in (one.username, one.issued_by + "<", COHORT, other.number, "province"):
        assert secret not in page.text
    assert _get(f"{address}verify/{one.number.lower()}").text.count(said.name) == 1
    khmer = _get(f"{address}verify/{one.number}", "km").text
    assert "ថ្ងៃទី២ ខែឧសភា ឆ្នាំ២០២២" in khmer
    assert "<script" not in khmer


def test_one_that_was_taken_back_says_so_without_the_name(school: tuple[Site, str]) -> None:
    site, address = school
    one = issuing.of_cohort(site, COHORT)[-1]
    issuing.revoke(site, one.number, "a private reason", "office")
    page = _get(f"{address}verify/{one.number}")
    assert "taken back" in page.text
    assert signed.Statement.read(one.payload).name not in page.text
    assert "private reason" not in page.text


def test_the_published_key_checks_a_code_without_us(school: tuple[Site, str]) -> None:
    site, address = school
    published = _get(f"{address}verify/keys.pem").text
    assert published.count("BEGIN PUBLIC KEY") == 1
    assert "PRIVATE" not in published
    assert keys.signing_key(site).id in published


def test_a_typed_number_is_found_and_nonsense_is_not(school: tuple[Site, str]) -> None:
    site, address = school
    number = issuing.of_cohort(site, COHORT)[0].number
    found = requests.get(f"{address}verify", params={"number": number.lower()}, timeout=20)
    assert found.url.endswith(f"/verify/{number}")
    nonsense = requests.get(f"{address}verify", params={"number": "<b>//evil"}, timeout=20)
    assert nonsense.status_code == 404


def test_numbers_can_not_be_searched_through(school: tuple[Site, str]) -> None:
    """The last test of this module: from then on this address is refused, good numbers included."""
    site, address = school
    answers = [_get(f"{address}verify/{signed.new_number(2022)}") for _ in range(MOST_MISSES)]
    pages = {answer.text for answer in answers if answer.status_code == 404}
    assert len(pages) == 1, "all that is not there looks the same"
    number = issuing.of_cohort(site, COHORT)[0].number
    refused = _get(f"{address}verify/{number}")
    assert refused.status_code == 429
    assert "2022" not in refused.text.split("<main>")[1]
    log = (site.root / "pages.log").read_text()
    assert number not in log
    assert signed.Statement.read(issuing.of_cohort(site, COHORT)[0].payload).name not in log

"""Whatever is sent to a page or form of the service is answered: never with a fault of ours.

Every row of roles.toml, as the first role that may: fields that are missing, long, of other
scripts, numbers that are none, bytes that are no text, markup. What comes back is an answer (done,
or refused with a reason), and no markup of a stranger's in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programme.site import Site
from tests.programme.school import ROLES
from tests.programme.small_hub import SERVICE, Visitor, small_hub
from tests.programme.test_roles import ACTIONS

pytestmark = [pytest.mark.hub, pytest.mark.slow]
MARKUP = "<script>alert('x')</script>\"'><img src=x>"
HOSTILE: tuple[str | bytes, ...] = (
    "", " ", MARKUP, "\x00", "a\x00b", "0", "-1", "9" * 30, "1e9", "NaN", "១២", "៩៩៩", "2026-02-30",
    "31/2/2026", "../../etc/passwd", "' OR 1=1 --", "{{ 7 * 7 }}", "\u202eabc",
    "ខ្មែរ" * 900, "x" * 60_000, b"\xff\xfe", b"\xed\xa0\x80",
)  # fmt: skip
ANYTHING = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=80))
FORMS = [name for name, action in ACTIONS.items() if action.get("method") == "POST"]
PAGES = [name for name, action in ACTIONS.items() if action.get("method", "GET") == "GET"]
QUERIES = ("lang", "done", "count", "number", "page", "q", "province", "from", "to")
often = settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@pytest.fixture(scope="module")
def visitors(
    opened: tuple[Site, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Visitor]]:
    with small_hub(opened[0].root, tmp_path_factory.mktemp("hub")) as address:
        found = {role: Visitor(address, username) for role, username in ROLES.items()}
        yield found
        for visitor in found.values():
            visitor.close()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_answers_whatever_it_is_sent(
    opened: tuple[Site, dict[str, str]], visitors: dict[str, Visitor], name: str
) -> None:
    action = ACTIONS[name]
    visitor = visitors[action["may"][0]]
    token = visitor.token() if action["may"][0] != "public" else ""
    usual = {key: text.format(**opened[1]) for key, text in action.get("fields", {}).items()}
    fields = st.fixed_dictionaries(
        {}, optional={key: st.one_of(st.just(text), ANYTHING) for key, text in usual.items()}
    )
    strange = st.dictionaries(
        st.sampled_from(("", "mark-", "points-x", "answer-", "\x00")), ANYTHING
    )

    @often
    @given(fields, strange, st.one_of(ANYTHING, st.binary(max_size=200)))
    def sent(known: dict[str, Any], other: dict[str, Any], file: str | bytes) -> None:
        url = f"{visitor.hub}{SERVICE}{action['path'].format(**opened[1])}"
        form = _encoded({"_xsrf": token, **known, **other})
        options: dict[str, Any] = {"timeout": 60, "allow_redirects": False}
        if "files" in action:
            content = file.encode() if isinstance(file, str) else file
            files = dict.fromkeys(action["files"], ("list.csv", content))
            answer = visitor.session.post(url, data={"_xsrf": token}, files=files, **options)
        else:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = visitor.session.post(url, data=form, headers=kind, **options)
        _is_an_answer(answer)

    sent()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_answers_whatever_its_address_asks(
    opened: tuple[Site, dict[str, str]], visitors: dict[str, Visitor], name: str
) -> None:
    action = ACTIONS[name]
    visitor = visitors[action["may"][0]]

    @often
    @given(st.dictionaries(st.sampled_from(QUERIES), ANYTHING, max_size=4))
    def asked(query: dict[str, Any]) -> None:
        short = {key: value[:500] for key, value in query.items()}
        path = action["path"].format(**opened[1])
        url = f"{visitor.hub}{SERVICE}{path}?{_encoded(short)}"
        _is_an_answer(visitor.session.get(url, timeout=60, allow_redirects=False))

    asked()


def _encoded(fields: dict[str, Any]) -> str:
    return "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in fields.items())


def _is_an_answer(answer: requests.Response) -> None:
    assert answer.status_code < 500, answer.text[:3000]
    assert MARKUP not in answer.text

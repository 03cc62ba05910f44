"""The chain: an Ambassador leads a club, its members learn, some become Ambassadors and lead on.

Nothing is kept for it: a club's leader and its cohort's students say all. The database follows the
chain from one person, down to whom she taught and up to who taught her; nobody is met twice.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import CTE, Connection, Select, Subquery, and_, func, literal, select

from programme.schema import clubs, cohorts, enrolments, people
from programme.site import Site
from programme.store import RefusedError, reading

DEEPEST = 20


@dataclass(frozen=True)
class Taught:
    """A club somebody led: how many learned there, and those who went on, each with her clubs."""

    club: str
    members: int
    went_on: tuple[Link, ...]


@dataclass(frozen=True)
class Link:
    """One person of a chain, whether she was an Ambassador, and the clubs that she led."""

    username: str
    name: str
    ambassador: bool
    clubs: tuple[Taught, ...]


@dataclass(frozen=True)
class Teacher:
    """Somebody above: who led the club in which the one below her learned."""

    username: str
    name: str
    club: str
    learned_there: str


@dataclass(frozen=True)
class Chain:
    """Up: who taught her, who taught those, …; down: whom she taught."""

    above: tuple[Teacher, ...]
    person: Link


@dataclass(frozen=True)
class Totals:
    """All chains: clubs' members, who of them became Ambassadors, who of them led; people long."""

    members: int
    became_ambassadors: int
    became_leaders: int
    longest: int


def read_chain(site: Site, username: str) -> Chain:
    """The chain through one person. Raises RefusedError for a name that nobody has."""
    with reading(site) as connection:
        person = connection.execute(select(people).where(people.c.username == username)).first()
        if person is None:
            raise RefusedError(f"There is nobody called {username!r}.")
        edges = connection.execute(_down(person.id)).all()
        members: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for leader, club, member, _ in edges:
            members[leader][club].add(member)
        for club, leader in _empty_clubs(connection, person.id, [e.member for e in edges]):
            members[leader].setdefault(club, set())
        ids = {person.id, *(edge.member for edge in edges)}
        went_on = _ambassadors(connection, ids)
        names = _names(connection, {*went_on, *members, person.id} & ids)
        above = [Teacher(*row) for row in connection.execute(_up(person.id))]
    link = _link(person.id, members, went_on, names, frozenset())
    return Chain(tuple(above), link)


def totals(site: Site) -> Totals:
    """How far the chains reach, over everybody."""
    taught = _taught()
    students = select(taught.c.member).distinct().subquery()
    ambassadors = _ambassador_seats().subquery()
    leaders = select(clubs.c.leader_id).where(clubs.c.cohort_id.is_not(None)).distinct().subquery()
    with reading(site) as connection:
        members = connection.execute(select(func.count()).select_from(students)).scalar_one()
        became = connection.execute(
            select(func.count())
            .select_from(students)
            .where(students.c.member.in_(select(ambassadors.c.person_id)))
        ).scalar_one()
        leads = connection.execute(
            select(taught.c.leader, taught.c.member).where(
                taught.c.member.in_(select(leaders.c.leader_id))
            )
        ).all()
        led = connection.execute(select(func.count()).select_from(leaders)).scalar_one()
    return Totals(members, became, len({row.member for row in leads}), _longest(leads, led > 0))


def _longest(leads: Sequence[tuple[int, int]], any_club: bool) -> int:
    """People in the longest line of leaders, and the members of the last club as one more."""
    after: dict[int, set[int]] = defaultdict(set)
    for leader, member in leads:
        after[leader].add(member)

    @functools.cache
    def length(leader: int, left: int = DEEPEST) -> int:
        further = (length(member, left - 1) for member in sorted(after[leader])) if left else ()
        return 1 + max(further, default=1)

    return max((length(leader) for leader in list(after)), default=2 if any_club else 0)


def _taught() -> Subquery:
    """Who led whom where, of all clubs that ran. The condition is the one of an index of clubs."""
    return (
        select(
            clubs.c.leader_id.label("leader"),
            clubs.c.name.label("club"),
            enrolments.c.person_id.label("member"),
        )
        .join(
            enrolments,
            and_(enrolments.c.cohort_id == clubs.c.cohort_id, enrolments.c.role == "student"),
        )
        .where(clubs.c.status != "refused")
        .subquery("taught")
    )


def _reached(person: int, here: str, there: str) -> CTE:
    """Who led whom where, with the depth, followed from `person` as the one to the other.

    `here` and `there` are the columns leader and member of `_taught`, in the order of the way.
    """
    taught = _taught()
    start = select(taught, literal(1).label("depth")).where(taught.c[here] == person)
    reached = start.cte("reached", recursive=True)
    further = (
        select(taught, reached.c.depth + 1)
        .join(reached, taught.c[here] == reached.c[there])
        .where(reached.c.depth < DEEPEST)
    )
    return reached.union(further)


def _down(person: int) -> Select[int, str, int, int]:
    reached = _reached(person, "leader", "member")
    return select(reached.c.leader, reached.c.club, reached.c.member, func.min(reached.c.depth)
    ).group_by(reached.c.leader, reached.c.club, reached.c.member)  # fmt: skip


def _up(person: int) -> Select[str, str, str, str]:
    reached = _reached(person, "member", "leader")
    learner = people.alias("learner")
    return (
        select(people.c.username, people.c.name_latin, reached.c.club, learner.c.name_latin)
        .select_from(reached)
        .join(people, people.c.id == reached.c.leader)
        .join(learner, learner.c.id == reached.c.member)
        .group_by(people.c.username, people.c.name_latin, reached.c.club, learner.c.name_latin)
        .order_by(func.min(reached.c.depth), people.c.username, reached.c.club)
    )


def _empty_clubs(
    connection: Connection, person: int, reached: Sequence[int]
) -> list[tuple[str, int]]:
    """Clubs in which nobody is enrolled yet are links too."""
    query = select(clubs.c.name, clubs.c.leader_id).where(
        clubs.c.leader_id.in_({person, *reached}), clubs.c.cohort_id.is_not(None)
    )
    return [(name, leader) for name, leader in connection.execute(query)]


def _ambassador_seats() -> Select[int]:
    return (
        select(enrolments.c.person_id)
        .join(cohorts, cohorts.c.id == enrolments.c.cohort_id)
        .where(cohorts.c.kind == "ambassador", enrolments.c.role == "student")
    )


def _ambassadors(connection: Connection, ids: set[int]) -> set[int]:
    seats = _ambassador_seats().where(enrolments.c.person_id.in_(ids))
    return set(connection.execute(seats).scalars())


def _names(connection: Connection, ids: set[int]) -> dict[int, tuple[str, str]]:
    rows = connection.execute(
        select(people.c.id, people.c.username, people.c.name_latin).where(people.c.id.in_(ids))
    )
    return {row.id: (row.username, row.name_latin) for row in rows}


def _link(
    person: int,
    members: Mapping[int, Mapping[str, set[int]]],
    ambassadors: set[int],
    names: Mapping[int, tuple[str, str]],
    above: frozenset[int],
) -> Link:
    """With everybody below who went on; who stands above already is not entered again."""
    path = above | {person}
    taught = []
    for club, found in sorted(members.get(person, {}).items()):
        on = sorted((found & (ambassadors | set(members))) - path, key=lambda one: names[one])
        links = tuple(_link(one, members, ambassadors, names, path) for one in on)
        taught.append(Taught(club, len(found), links))
    username, name = names[person]
    return Link(username, name, person in ambassadors, tuple(taught))

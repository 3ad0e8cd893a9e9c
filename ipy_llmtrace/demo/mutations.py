"""Replies damaged at random, the same way for the same number: what a broken server or proxy might send.

Every part of a reply may be lost, doubled, put elsewhere, or replaced by a value of another type.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

from .odd_values import ODD_COUNTS
from .prompt import Body, Event, Json
from .raw_json import nested

_VALUES: tuple[Json, ...] = (*ODD_COUNTS.values(), "", "\ud83d\ude00 \u202e", 0, False, [], {}, [None], nested(60), "x" * 5000)
_Place = tuple[Any, Any]


def mutate_body(body: Body, seed: int) -> Body:
    """A plain reply, damaged in one to three places."""
    chance = random.Random(seed)
    changed = _copy(body)
    for _ in range(chance.randint(1, 3)):
        _damage(changed, chance)
    return changed


def mutate_events(events: list[Event], seed: int) -> list[Event]:
    """A stream, damaged in one to three places: in an event, or in which events come, and in what order."""
    chance = random.Random(seed)
    changed = [replace(event, data=_copy(event.data)) for event in events]
    for _ in range(chance.randint(1, 3)):
        inside = [event for event in changed if isinstance(event.data, dict)]
        if inside and chance.random() < 0.6:
            _damage(cast(Body, chance.choice(inside).data), chance)
        elif changed:
            chance.choice(_IN_ORDER)(changed, chance)
    return changed


def _damage(body: Body, chance: random.Random) -> None:
    places = list(_places(body))
    if not places:
        return
    holder, key = chance.choice(places)
    match chance.randrange(4):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, list):
            cast(list[Json], holder).insert(key, _copy(holder[key]))
        case 2:
            other, elsewhere = chance.choice(places)
            holder[key] = _copy(other[elsewhere])
        case _:
            holder[key] = _copy(chance.choice(_VALUES))


def _places(value: Json) -> Iterator[_Place]:
    """Every key of every object, and every index of every list, with what holds it."""
    members: list[tuple[Any, Json]] = []
    if isinstance(value, dict):
        members = list(cast(Body, value).items())
    elif isinstance(value, list):
        members = list(enumerate(cast(list[Json], value)))
    for key, member in members:
        yield value, key
        yield from _places(member)


def _copy(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _copy(member) for key, member in cast(Body, value).items()}
    return [_copy(member) for member in cast(list[Json], value)] if isinstance(value, list) else value


def _lose(events: list[Event], chance: random.Random) -> None:
    del events[chance.randrange(len(events))]


def _double(events: list[Event], chance: random.Random) -> None:
    at = chance.randrange(len(events))
    events.insert(at, replace(events[at], data=_copy(events[at].data)))


def _swap(events: list[Event], chance: random.Random) -> None:
    one, other = chance.randrange(len(events)), chance.randrange(len(events))
    events[one], events[other] = events[other], events[one]


def _cut(events: list[Event], chance: random.Random) -> None:
    del events[chance.randrange(len(events)) :]


def _garble(events: list[Event], chance: random.Random) -> None:
    events.insert(chance.randrange(len(events)), Event(chance.choice(("{", "null", "[]", "no JSON", '"text"', "[DONE]"))))


_IN_ORDER: tuple[Callable[[list[Event], random.Random], None], ...] = (_lose, _double, _swap, _cut, _garble)

"""Any objects of the domain as lines of text, and back: the state of a session without the log that led to it.

A snapshot is a cache and nothing else. What cannot be read, was damaged, or was written by a program with other classes is
ignored, and the log is replayed; nothing is ever migrated.

Theory
    The objects that can be reached from a root and that can change are numbered in the order in which they are met, each once:
    two places that hold the same object hold the same number, so what was shared is shared afterwards. Every object is one
    row, ``[kind, value, …]``: a class's number and its fields in order, or a letter and the content of a container (a large
    dictionary has further rows, ``["m", n, …]``). A value is
    itself (None, bool, int, float, str), ``[n]`` for object ``n``, ``[-n]`` for enumeration member ``n``, or a letter and the
    content of something that cannot change (tuple, frozenset, bytes, frozen dataclass) and needs no identity. The last line
    is a table of the outside objects, the classes and the members.

    *Outside* objects (the directory, the rules) belong to whoever restores: they are named, not written.

    Classes are looked up in the list given to :class:`Format`, never imported by name: a snapshot can only be made of the
    domain's own dataclasses, plain classes and enumerations. Their constructors are not called.

    Both directions go step by step, for a caller that has other things to do in between. Nothing may change meanwhile.
"""

import hashlib
import itertools
import json
import sys
import types
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from operator import attrgetter
from typing import Any, Final

from bridge.errors import BridgeError, corrupt_record

FORMAT: Final = 1

CELLS_A_STEP: Final = 10_000
"""Values in one line: some ten milliseconds of work in either direction. Of containers only dictionaries are divided."""

ITEMS_A_ROW: Final = 1_000
"""Items of a dictionary in one row."""

_PLAIN: Final = frozenset({int, str, bool, float, types.NoneType})

Lines = Sequence[bytes]
Row = Callable[[Any], list[Any]]


def classes_of(module: types.ModuleType) -> list[type]:
    """Give the classes that a module and the modules of its package that it imports, directly or not, define."""
    package = module.__name__.partition(".")[0]
    waiting, seen = [module], {module.__name__}
    found: dict[str, type] = {}
    while waiting:
        current = waiting.pop()
        for value in list(vars(current).values()):
            name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
            if isinstance(name, str) and name.partition(".")[0] == package and name not in seen and name in sys.modules:
                seen.add(name)
                waiting.append(sys.modules[name])
            if isinstance(value, type) and value.__module__ == current.__name__ and not issubclass(value, BaseException):
                found[_name(value)] = value
    return [found[name] for name in sorted(found)]


def _name(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def _slots(cls: type) -> tuple[str, ...]:
    named = [each.__dict__.get("__slots__", ()) for each in reversed(cls.__mro__)]
    return tuple(name for names in named for name in ((names,) if isinstance(names, str) else names) if name != "__weakref__")


def _described(cls: type) -> list[Any]:
    """What must be the same in the program that reads."""
    row: list[Any] = [_name(cls), list(_slots(cls))]
    if issubclass(cls, Enum):
        row.append([[member.name, repr(member.value)] for member in cls])
    elif is_dataclass(cls):
        row.append([[field.name, repr(field.type)] for field in fields(cls)])
    elif isinstance(cls.__init__, types.FunctionType):
        row.append(list(cls.__init__.__code__.co_names))  # what it sets, and what it sets it to
    return row


class Format:
    """How snapshots of these classes are written and read.

    Attributes:
        classes: what objects in it may be.
        fingerprint: another one when a class, a field of one or a member of an enumeration is another.
    """

    def __init__(self, classes: Sequence[type]) -> None:
        self.classes: Final = frozenset(classes)
        self._by_name = {_name(cls): cls for cls in classes}
        described = [FORMAT, *(_described(self._by_name[name]) for name in sorted(self._by_name))]
        self.fingerprint: Final = hashlib.sha256(json.dumps(described).encode()).hexdigest()[:16]

    def write(self, root: object, outside: Mapping[str, object]) -> Iterator[bytes]:
        """Yield the lines of everything that is reached from ``root``.

        Args:
            root: an object of one of the classes.
            outside: objects that are not written, by the names that `read` will be given others for.

        Raises:
            TypeError: something is neither of the classes nor of the types above, or is hashed by what it holds.
        """
        return _Writer(self.classes, outside).lines(root)

    def read(self, lines: Lines, outside: Mapping[str, object]) -> Generator[None, None, Any]:
        """Do a part of the reading at each step, and return the root in the end.

        Raises:
            BridgeError: ``corrupt_record``, and nothing else: these are no lines that `write` made.
        """
        try:
            return (yield from _Reader(self._by_name, lines[-1], outside).read(lines[:-1]))
        except BridgeError:
            raise
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            raise corrupt_record(f"snapshot: {error!r}") from error


class _Writer:
    def __init__(self, known: frozenset[type], outside: Mapping[str, object]) -> None:
        self._known = known
        self._outside = list(outside)
        self._objects: list[Any] = list(outside.values())
        self._numbers = {id(value): number for number, value in enumerate(self._objects)}
        self._members: list[Enum] = []
        self._classes: list[list[Any]] = []
        self._rows: dict[type, Row] = {
            dict: lambda _: [],  # see _parts
            list: lambda value: ["l", *self._values(value)],
            deque: lambda value: ["q", value.maxlen, *self._values(value)],
            set: lambda value: ["s", *self._sorted(value)],
            bytearray: lambda value: ["y", value.hex()],
        }
        self._frozen: dict[type, Row] = {
            tuple: lambda value: ["t", *self._values(value)],
            frozenset: lambda value: ["f", *self._sorted(value)],
            bytes: lambda value: ["b", value.hex()],
        }

    def lines(self, root: object) -> Iterator[bytes]:
        self._value(root)
        rows: list[list[Any]] = []
        cells = 0
        place = len(self._outside)
        while place < len(self._objects):
            value = self._objects[place]
            for row in self._parts(place, value) if type(value) is dict else (self._rows[type(value)](value),):
                rows.append(row)
                cells += 4 * len(row[-1]) if row[0] in {"d", "m"} else len(row)  # a key, and a value that is often a row itself
                if cells >= CELLS_A_STEP:
                    yield _dumped(rows)
                    rows, cells = [], 0
            place += 1
        yield _dumped(rows)
        members = [[_name(type(member)), member.name] for member in self._members]
        yield _dumped([self._outside, self._classes, members])

    def _value(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return value
        number = self._numbers.get(id(value))
        if number is not None:
            return [number]
        frozen = self._frozen.get(kind)
        if frozen is not None:
            return frozen(value)
        if kind not in self._rows:
            return self._first_of(kind, value)
        number = self._numbers[id(value)] = len(self._objects)
        self._objects.append(value)  # held, so that no other object gets its id
        return [number]

    def _values(self, values: Any) -> Any:
        if _PLAIN.issuperset(map(type, values)):
            return values
        return [item if type(item) in _PLAIN else self._value(item) for item in values]

    def _first_of(self, kind: type, value: Any) -> Any:
        """Write a value of a class that was not met before, or an enumeration's member."""
        if kind not in self._known:
            raise TypeError(f"a snapshot cannot hold {_name(kind)}")
        if isinstance(value, Enum):
            self._members.append(value)
            self._numbers[id(value)] = -len(self._members)
        elif is_dataclass(kind):
            names = tuple(field.name for field in fields(kind))
            if _is_frozen(kind):
                self._frozen[kind] = self._row_of(["v", self._number(kind, names)], names)
            else:
                self._rows[kind] = self._row_of([self._number(kind, names)], names)
        else:
            names = (*_slots(kind), *sorted(getattr(value, "__dict__", ())))
            row = self._row_of([self._number(kind, names)], names)

            def checked(each: Any) -> list[Any]:
                if len(_slots(kind)) + len(getattr(each, "__dict__", ())) != len(names):
                    raise TypeError(f"{_name(kind)}: its objects do not all have the same attributes")
                return row(each)

            self._rows[kind] = checked
        return self._value(value)

    def _number(self, kind: type, names: tuple[str, ...]) -> int:
        self._classes.append([_name(kind), list(names)])
        return len(self._classes) - 1

    def _row_of(self, head: list[Any], names: tuple[str, ...]) -> Row:
        get: Callable[[Any], Any] = (
            attrgetter(*names) if len(names) > 1 else lambda value: [getattr(value, name) for name in names]
        )
        return lambda value: [*head, *self._values(get(value))]

    def _parts(self, number: int, value: dict[Any, Any]) -> Iterator[list[Any]]:
        """The rows of a dictionary: the first makes it, each further one adds to it."""
        head: list[Any] = ["d"]
        items = iter(value.items())
        while (part := dict(itertools.islice(items, ITEMS_A_ROW))) or head == ["d"]:
            keys = list(part) if _PLAIN.issuperset(map(type, part)) else [self._key(key) for key in part]
            yield [*head, keys, self._values(list(part.values()))]
            head = ["m", number]

    def _key(self, value: Any) -> Any:
        """A value that is hashed when it is read, before the objects that it may refer to are whole."""
        written = self._value(value)
        if _refers(written):
            raise TypeError(f"a snapshot cannot hold {_name(type(value))} as a key or in a set")
        return written

    def _sorted(self, values: Any) -> list[Any]:
        """The items of a set in an order that the set's history has no part in."""
        return [self._key(item) for item in sorted(values, key=lambda item: (type(item).__name__, item))]


def _is_frozen(kind: Any) -> bool:
    """Whether it is compared by what it holds and never changes, so that one more with the same content is the same."""
    return bool(kind.__dataclass_params__.frozen and kind.__dataclass_params__.eq)


def _refers(written: Any) -> bool:
    """Whether a written value refers to an object that has a row of its own."""
    if type(written) is not list:
        return False
    first = written[0]
    return first >= 0 if type(first) is int else any(_refers(item) for item in written[1:])


def _dumped(rows: list[Any]) -> bytes:
    return json.dumps(rows, separators=(",", ":"), check_circular=False).encode("ascii")


class _Reader:
    def __init__(self, known: Mapping[str, type], table: bytes, outside: Mapping[str, object]) -> None:
        names, classes, members = json.loads(table)
        self.fillers = [_Filler(known[name], attributes) for name, attributes in classes]
        self.objects: list[Any] = [outside[name] for name in names]
        self._members = [known[name][member] for name, member in members]  # type: ignore[index]

    def read(self, lines: Lines) -> Generator[None, None, Any]:
        root = place = len(self.objects)
        rows_by_line: list[list[Any]] = []
        for line in lines:
            rows = json.loads(line)
            self.objects.extend([_empty(row, self.fillers) for row in rows if row[0] != "m"])
            rows_by_line.append(rows)
            yield
        for rows in rows_by_line:
            for row in rows:
                if row[0] == "m":
                    self._fill(self.objects[row[1]], ["d", *row[2:]])
                else:
                    self._fill(self.objects[place], row)
                    place += 1
            rows.clear()
            yield
        return self.objects[root]

    def _fill(self, target: Any, row: list[Any]) -> None:
        kind = row[0]
        if type(kind) is int:
            self.fillers[kind].fill(target, self._values(row[1:]))
        elif kind == "d":
            target.update(zip(self._values(row[1]), self._values(row[2]), strict=True))
        elif kind == "s":
            target.update(self._values(row[1:]))
        elif kind in {"l", "q"}:
            target.extend(self._values(row[2 if kind == "q" else 1 :]))

    def _values(self, written: list[Any]) -> list[Any]:
        return [item if type(item) is not list else self._value(item) for item in written]

    def _value(self, written: list[Any]) -> Any:
        kind = written[0]
        if type(kind) is int:
            return self.objects[kind] if kind >= 0 else self._members[-kind - 1]
        if kind == "v":
            filler = self.fillers[written[1]]
            whole = filler.empty()
            filler.fill(whole, self._values(written[2:]))
            return whole
        return _IMMUTABLE[kind](self._values(written[1:]))


def _bytes(values: list[Any]) -> bytes:
    return bytes.fromhex(values[0])


_IMMUTABLE: Final[Mapping[str, Callable[[list[Any]], Any]]] = {"t": tuple, "f": frozenset, "b": _bytes}


def _empty(row: list[Any], fillers: Sequence["_Filler"]) -> Any:
    """The object of a row, with nothing in it yet that could refer to another."""
    kind = row[0]
    if type(kind) is int:
        return fillers[kind].empty()
    if kind == "q":
        return deque(maxlen=row[1])
    if kind == "y":
        return bytearray.fromhex(row[1])
    return {"d": dict, "l": list, "s": set}[kind]()


class _Filler:
    """Makes objects of one class without its constructor."""

    def __init__(self, cls: type, names: list[str]) -> None:
        self._cls, self._names = cls, names
        slots = set(_slots(cls))
        self._setters = [getattr(cls, name).__set__ if name in slots else None for name in names]

    def empty(self) -> Any:
        return object.__new__(self._cls)

    def fill(self, target: Any, values: list[Any]) -> None:
        for name, setter, value in zip(self._names, self._setters, values, strict=True):
            if setter is not None:
                setter(target, value)
            else:
                target.__dict__[name] = value

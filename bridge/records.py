"""Frozen dataclasses to and from JSON-ready dictionaries, by functions that are made once a class from its field types.

What a field may be: ``int``, ``str``, ``bool``, ``float``, None, an enumeration (by value), another such dataclass, a tuple of
these, a dictionary from text to these, and unions that can be told apart in JSON. Any other type is refused when the form is
made, which is when the program starts.

Reading believes nothing. A form asks for the type of every value; since only a handful of combinations of types ever occur, it
asks about a combination once and then knows it, which is what makes a log of a million records readable in seconds. A field
that has a default may be missing: it was added after the record was written.
"""

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from operator import attrgetter, itemgetter
from typing import Any, Final, Generic, TypeVar

from bridge.errors import BridgeError, corrupt_record

T = TypeVar("T")

Convert = Callable[[Any], Any]

_PLAIN: Final = frozenset({int, str, bool, types.NoneType})
_MAX_SHAPES: Final = 4096
"""Combinations of types that are remembered of one class. `Evidence`, nine of whose fields may be None, has up to 512."""


class Form(Generic[T]):
    """The stored form of one dataclass.

    Args:
        cls: the dataclass.
        where: what error messages call it.
        more: keys of the record that are not fields; they are left to the caller.

    Raises:
        TypeError: a field has a type that has no form in JSON, or that cannot be told from another of its union.
    """

    def __init__(self, cls: type[T], where: str, more: tuple[str, ...] = ()) -> None:
        hints = typing.get_type_hints(cls)
        self._cls, self._where, self._more = cls, where, more
        self._names = tuple(field.name for field in fields(cls))  # type: ignore[arg-type]
        self._length = len(self._names) + len(more)
        self._optional = frozenset(
            field.name
            for field in fields(cls)  # type: ignore[arg-type]
            if field.default is not MISSING or field.default_factory is not MISSING
        )
        self._readers = tuple(_readers(hints[name], f"{where}.{name}") for name in self._names)
        writers = [(name, _writers(hints[name])) for name in self._names]
        self._writers = tuple((name, by_type) for name, by_type in writers if by_type)
        self._items = _all_of(itemgetter, self._names)
        self._attributes = _all_of(attrgetter, self._names)
        self._shapes: dict[tuple[type, ...], tuple[tuple[int, Convert], ...]] = {}

    def write(self, value: T, record: dict[str, Any]) -> dict[str, Any]:
        """Enter every field of ``value`` into ``record``, and give that."""
        record.update(zip(self._names, self._attributes(value), strict=True))
        for name, by_type in self._writers:
            convert = by_type.get(type(record[name]))
            if convert is not None:
                record[name] = convert(record[name])
        return record

    def read(self, record: dict[str, Any]) -> T:
        """Give the value of a record.

        Raises:
            BridgeError: ``corrupt_record``, and nothing else, whatever the record holds.
        """
        try:
            if len(record) != self._length:
                return self._read_incomplete(record)
            values = self._items(record)
        except KeyError:
            return self._read_incomplete(record)
        shape = tuple(map(type, values))
        plan = self._shapes.get(shape)
        if plan is None:
            plan = self._learn(shape)
        try:
            if plan:
                changed = list(values)
                for place, convert in plan:
                    changed[place] = convert(changed[place])
                return self._cls(*changed)
            return self._cls(*values)
        except BridgeError as error:
            raise self._refused(error) from error

    def _learn(self, shape: tuple[type, ...]) -> tuple[tuple[int, Convert], ...]:
        """Say what has to be done to values of these types; raises when one of them is wrong."""
        plan: list[tuple[int, Convert]] = []
        for place, (kind, readers) in enumerate(zip(shape, self._readers, strict=True)):
            if kind not in readers:
                raise corrupt_record(f"{self._where}.{self._names[place]}")
            convert = readers[kind]
            if convert is not None:
                plan.append((place, convert))
        if len(self._shapes) < _MAX_SHAPES:
            self._shapes[shape] = tuple(plan)
        return tuple(plan)

    def _read_incomplete(self, record: dict[str, Any]) -> T:
        """Read a record that may lack fields that have a default."""
        keys = set(record) - set(self._more)
        odd = sorted(str(key) for key in (keys - set(self._names)) | (set(self._names) - self._optional - keys))
        if odd:
            raise corrupt_record(f"{self._where}: field {odd[0]}")
        values: dict[str, Any] = {}
        for name, readers in zip(self._names, self._readers, strict=True):
            if name in keys:
                values[name] = _read_one(record[name], readers, f"{self._where}.{name}")
        try:
            return self._cls(**values)
        except BridgeError as error:
            raise self._refused(error) from error

    def _refused(self, error: BridgeError) -> BridgeError:
        detail = error.message_en if error.code == "corrupt_record" else error.code
        return corrupt_record(f"{self._where}: {detail}")


def _all_of(getter: Callable[..., Callable[[Any], Any]], names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """One function for all names, which gives a tuple for a single name too."""
    get = getter(*names)
    return get if len(names) > 1 else lambda value: (get(value),)


def _read_one(value: Any, readers: Mapping[type, Convert | None], where: str) -> Any:
    kind = type(value)
    if kind not in readers:
        raise corrupt_record(where)
    convert = readers[kind]
    return value if convert is None else convert(value)


def _readers(hint: Any, where: str) -> dict[type, Convert | None]:
    """Give, for each type that JSON may have here, what makes the field's value of it; None: it is that value."""
    readers: dict[type, Convert | None] = {}
    for choice in _choices(hint):
        for kind, convert in _reader(choice, where).items():
            if kind in readers and not (convert is None and readers[kind] is None):
                raise TypeError(f"{where}: two choices of {hint} are a {kind.__name__} in JSON")
            readers[kind] = convert
    return readers


def _choices(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) in {types.UnionType, typing.Union} else (hint,)


def _reader(choice: Any, where: str) -> dict[type, Convert | None]:
    origin, arguments = typing.get_origin(choice), typing.get_args(choice)
    if choice in _PLAIN:
        return {choice: None}
    if choice is float:
        return {int: None, float: None}
    if isinstance(choice, type) and issubclass(choice, Enum):
        return _enum_reader(choice, where)
    if is_dataclass(choice) and isinstance(choice, type):
        return {dict: Form(choice, where).read}
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return {list: _row_reader(_readers(arguments[0], where), where)}
    if origin is tuple and arguments:
        return {list: _tuple_reader(tuple(_readers(each, where) for each in arguments), where)}
    if origin in {dict, Mapping} and arguments[0] is str:
        return {dict: _table_reader(_readers(arguments[1], where), where)}
    raise TypeError(f"{where}: a field of type {choice} has no form in a record")


def _enum_reader(choice: type[Enum], where: str) -> dict[type, Convert | None]:
    members = {member.value: member for member in choice}

    def read(value: Any) -> Any:
        member = members.get(value)
        if member is None:
            raise corrupt_record(where)
        return member

    return dict.fromkeys({type(member.value) for member in choice}, read)


def _row_reader(readers: Mapping[type, Convert | None], where: str) -> Convert:
    allowed = frozenset(readers)
    is_plain = not any(readers.values())

    def read(value: Any) -> Any:
        if is_plain and allowed.issuperset(map(type, value)):
            return tuple(value)
        return tuple([_read_one(item, readers, where) for item in value])

    return read


def _tuple_reader(readers: tuple[Mapping[type, Convert | None], ...], where: str) -> Convert:
    def read(value: Any) -> Any:
        if len(value) != len(readers):
            raise corrupt_record(where)
        return tuple([_read_one(item, each, where) for item, each in zip(value, readers, strict=True)])

    return read


def _table_reader(readers: Mapping[type, Convert | None], where: str) -> Convert:
    def read(value: Any) -> Any:
        if any(type(key) is not str for key in value):
            raise corrupt_record(where)
        return {key: _read_one(item, readers, where) for key, item in value.items()}

    return read


def _writers(hint: Any) -> dict[type, Convert]:
    """Give, for each type that a field may have and JSON has not, what makes JSON of it."""
    writers: dict[type, Convert] = {}
    for choice in _choices(hint):
        origin, arguments = typing.get_origin(choice), typing.get_args(choice)
        if isinstance(choice, type) and issubclass(choice, Enum):
            writers[choice] = attrgetter("value")
        elif isinstance(choice, type) and is_dataclass(choice):
            writers[choice] = _new_record(Form(choice, choice.__name__))
        elif origin is tuple:
            writers[tuple] = _row_writer(arguments)
        elif origin in {dict, Mapping}:
            writers[dict] = _table_writer(_writers(arguments[1]))
    return writers


def _new_record(form: Form[Any]) -> Convert:
    return lambda value: form.write(value, {})


def _row_writer(arguments: tuple[Any, ...]) -> Convert:
    inner: dict[type, Convert] = {}
    for argument in arguments:
        if argument is not Ellipsis:
            inner |= _writers(argument)
    if not inner:
        return list
    return lambda value: [_write_one(item, inner) for item in value]


def _table_writer(inner: Mapping[type, Convert]) -> Convert:
    return lambda value: {key: _write_one(item, inner) for key, item in value.items()}


def _write_one(value: Any, writers: Mapping[type, Convert]) -> Any:
    convert = writers.get(type(value))
    return value if convert is None else convert(value)

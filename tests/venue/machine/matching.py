"""Whether an event is the one that was awaited."""

from collections.abc import Mapping


def is_part_of(wanted: object, given: object) -> bool:
    """Tell whether all that is wanted is in what is given.

    Mappings are compared by their common keys, as deep as they go: what is given may have more.  A
    ``None`` on
    either side stands for anything, so that a key can be awaited without knowing its value.  A key that is
    wanted and not given does not match.  Everything else must be equal.

    >>> is_part_of({"foo": {"bar": 1}}, {"foo": {"bar": 1, "more": 2}})
    True
    >>> is_part_of({"foo": {"bar": 1}}, {"foo": None})
    True
    >>> is_part_of({"foo": {"bar": 1}}, {"foo": {"baz": None}})
    False
    """
    if wanted is None or given is None:
        return True
    if isinstance(wanted, Mapping) and isinstance(given, Mapping):
        return all(key in given and is_part_of(value, given[key]) for key, value in wanted.items())
    return wanted == given

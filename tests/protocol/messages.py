"""Messages drawn at random, each as its type allows."""

import base64
import re

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import Struct, inspect

from easyplayer.protocol.schema import fields_of

SOME = settings(max_examples=settings.default.max_examples // 5)
"""For what is asked of every message: a fifth of the examples, of the profile in use."""
SOME_BYTES = st.binary(min_size=32, max_size=32)
SEEDS = SOME_BYTES
HASHES = SOME_BYTES.map(bytes.hex)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=50)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def messages(kind: type[Struct]) -> SearchStrategy[Struct]:
    """Draw messages of a kind."""
    fields = {field.name: _values(field.type) for field in fields_of(kind)}
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


def _values(kind: inspect.Type) -> SearchStrategy[object]:
    match kind:
        case inspect.UnionType(types=types):
            return st.one_of([_values(one) for one in types])
        case inspect.VarTupleType(item_type=inner):
            return st.lists(_values(inner), max_size=3).map(tuple)
        case inspect.StructType(cls=cls):
            return messages(cls)
        case inspect.EnumType(cls=cls):
            return st.sampled_from([*cls])
        case inspect.LiteralType(values=words):
            return st.sampled_from(words)
        case _:
            return _plain(kind)


def _plain(kind: inspect.Type) -> SearchStrategy[object]:
    match kind:
        case inspect.IntType(ge=least, le=most):
            return st.integers(-(2**53) if least is None else least, 2**53 if most is None else most)
        case inspect.FloatType(ge=least, le=most):
            return st.floats(least, most, allow_nan=False, allow_infinity=False)
        case inspect.StrType(pattern=str(pattern)):
            return _written_like(pattern)
        case inspect.StrType(min_length=least, max_length=most):
            return st.text(st.characters(codec="utf-8"), min_size=least or 0, max_size=min(most or 50, 50))
        case inspect.DictType(value_type=inner):
            return st.dictionaries(TEXTS, _values(inner), max_size=3)
        case _:
            return _OTHERS[type(kind)]


_OTHERS: dict[type[inspect.Type], SearchStrategy[object]] = {
    inspect.NoneType: st.none(),
    inspect.BoolType: st.booleans(),
    inspect.AnyType: JSON,
}


def _written_like(pattern: str) -> SearchStrategy[str]:
    """Draw texts of a form; digits, of which there are most, as fast as can be."""
    digits = re.fullmatch(r"\^\[0-9a-f\]\{(\d+)\}\$", pattern)
    if digits is None:
        return st.from_regex(pattern, fullmatch=True)
    count = int(digits[1]) // 2
    return st.binary(min_size=count, max_size=count).map(bytes.hex)


def as_json(message: Struct) -> dict[str, object]:
    """Give a message as what its JSON says."""
    found: dict[str, object] = msgspec.json.decode(msgspec.json.encode(message))
    return found


def spoilt(signature: str, place: int) -> str:
    """Change one bit of a signature."""
    raw = bytearray(base64.urlsafe_b64decode(signature))
    raw[place % len(raw)] ^= 1
    return base64.urlsafe_b64encode(raw).decode()

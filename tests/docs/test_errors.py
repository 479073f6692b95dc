"""The table of error codes: complete, each code once."""

import inspect

from easyplayer import errors
from tests.docs.pages import tables, text

ROWS = tables.error_rows()


def test_the_page_has_the_table_and_the_table_every_error() -> None:
    """An error that is added is in the table, with a code of its own and a meaning."""
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, Exception)]
    assert {row.name for row in ROWS} == {kind.__name__ for kind in kinds}
    assert len({row.code for row in ROWS}) == len(ROWS)
    assert all(row.meaning for row in ROWS)
    assert "{errors-table}" in text("guide/errors.md")

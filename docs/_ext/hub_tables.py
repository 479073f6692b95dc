"""What Sphinx has to know of the hub: tables of its settings and of its API, read from the code."""

import hub_rows
from box_tables import _table as table
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class HubSettingTable(SphinxDirective):
    """All settings of the hub."""

    def run(self) -> list[nodes.Node]:
        """Write the table."""
        rows = (
            (f"`{row.name}`\n\n`{row.environment}`", f"{row.meaning}\n\n*{row.kind}*", f"`{row.default}`")
            for row in hub_rows.hub_setting_rows()
        )
        return self.parse_text_to_nodes(table("", "38 44 18", ("Setting", "Meaning", "Default"), rows))


class EndpointTable(SphinxDirective):
    """All endpoints of the API, in one table for each subject."""

    def run(self) -> list[nodes.Node]:
        """Write the tables."""
        heads = ("Endpoint", "What it does", "Takes", "Answers")
        texts = (
            table(subject.capitalize(), "36 32 16 16", heads, map(_cells, rows))
            for subject, rows in hub_rows.endpoint_rows().items()
        )
        return self.parse_text_to_nodes("\n".join(texts))


def _cells(row: hub_rows.EndpointRow) -> tuple[str, ...]:
    return (
        f"`{row.method} {row.path}`",
        f"{row.summary}\n\n*{row.callers}*",
        row.takes if row.takes == "nothing" else ", ".join(f"`{one}`" for one in row.takes.split(", ")),
        row.answers if row.answers in {"nothing", "content"} else f"`{row.answers}`",
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directives known."""
    app.add_directive("hub-settings-table", HubSettingTable)
    app.add_directive("endpoints-table", EndpointTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

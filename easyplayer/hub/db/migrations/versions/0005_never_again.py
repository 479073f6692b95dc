"""Publications that stay when their target goes, pairings by site, and contents that are to go."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

GONE = """
UPDATE publications SET over = :over WHERE
    target = 'group' AND target_id NOT IN (SELECT id FROM groups)
    OR target = 'venue' AND target_id NOT IN (SELECT id FROM venues)
    OR target = 'zone' AND target_id NOT IN (SELECT venue || '/' || id FROM zones)
    OR target = 'box' AND target_id NOT IN (SELECT id FROM boxes)
"""


def upgrade() -> None:
    """Add columns and a table; of what was published for targets that are gone, all is over."""
    op.add_column("publications", sa.Column("over", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(sa.text(GONE).bindparams(over=True))
    op.add_column("pairings", sa.Column("site", sa.Text(), server_default="", nullable=False))
    op.create_index(op.f("ix_pairings_site"), "pairings", ["site"])
    attached = sa.text("attachment <> ''")
    op.create_index(
        "ix_commands_attached", "commands", ["finished"], sqlite_where=attached, postgresql_where=attached
    )
    op.create_table(
        "discarded",
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_discarded")),
    )

"""How often the analysis of a track, or the making of its copy, was begun without coming to an end."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add a column; of what is there nothing was tried yet."""
    op.add_column("tracks", sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False))

"""What was shown on screens, and how the screens are."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns; what is there is music, and of boxes that have told of no screen."""
    op.add_column("played", sa.Column("shown_s", sa.Float(), nullable=True))
    op.add_column("played", sa.Column("outputs", sa.Text(), server_default="[]", nullable=False))
    op.add_column("pulses", sa.Column("screen", sa.Text(), server_default="", nullable=False))

"""Tracks that are pictures: what they are, and the copies that boxes play of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns; what is there is music."""
    op.add_column("tracks", sa.Column("kind", sa.Text(), server_default="file", nullable=False))
    op.add_column("tracks", sa.Column("thumbnail", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("tracks", sa.Column("copy_sha256", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "tracks", sa.Column("copy_size", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("tracks", sa.Column("progress", sa.Float(), server_default=sa.text("0"), nullable=False))
    op.add_column("tracks", sa.Column("lease", sa.Float(), server_default=sa.text("0"), nullable=False))
    op.create_index(op.f("ix_tracks_copy_sha256"), "tracks", ["copy_sha256"])

"""The tables of the hub.

Instants are seconds since 1970, as floats; digests are lower-case hexadecimal; what only the hub itself
reads whole is JSON text.  Ids that people give (venues, groups, playlists, programs) are slugs.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""What SQLite counts up by itself must be called INTEGER there."""

# -- who may do what -------------------------------------------------------------------------------

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password", Text, nullable=False, doc="argon2id; empty: cannot log in by password"),
    Column("blocked", Boolean, nullable=False, server_default=false()),
    Column("created", Float, nullable=False),
)
grants = Table(
    "grants",
    metadata,
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("group", Text, primary_key=True, doc="a group's id, or '*' for all"),
    Column("role", Text, nullable=False, doc="viewer, programmer, operator or admin"),
)
tokens = Table(
    "tokens",
    metadata,
    Column("digest", Text, primary_key=True, doc="SHA-256 of the token"),
    Column("user", Text, ForeignKey("users.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False, doc="session (a cookie) or api"),
    Column("label", Text, nullable=False, server_default=""),
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=True),
    Column("used", Float, nullable=True),
)
audit = Table(
    "audit",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False, index=True),
    Column("user", Text, nullable=False, doc="empty: the hub itself, or a box"),
    Column("address", Text, nullable=False, server_default=""),
    Column("action", Text, nullable=False, doc="such as 'venue.add'"),
    Column("subject", Text, nullable=False, doc="such as 'venue/bar-lumiere'"),
    Column("group", Text, nullable=False, server_default="", doc="empty: all groups"),
    Column("detail", Text, nullable=False, server_default="{}", doc="JSON; never a secret"),
)
secrets = Table(
    "secrets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False, doc="signing (Ed25519 seed), token or media (HMAC)"),
    Column("secret", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
    Column("retired", Float, nullable=True, doc="still trusted, no longer used to sign"),
)

# -- where the boxes are ---------------------------------------------------------------------------

groups = Table(
    "groups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
)
venues = Table(
    "venues",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False, doc="IANA, such as Europe/Paris"),
    Column("blocked", Text, nullable=False, server_default="", doc="why its boxes may not play"),
    Column("created", Float, nullable=False),
)
venue_groups = Table(
    "venue_groups",
    metadata,
    Column("venue", Text, ForeignKey("venues.id", ondelete="CASCADE"), primary_key=True),
    Column("group", Text, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
)
zones = Table(
    "zones",
    metadata,
    Column("venue", Text, ForeignKey("venues.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Text, primary_key=True, doc="such as main, terrace"),
    Column("name", Text, nullable=False),
)
boxes = Table(
    "boxes",
    metadata,
    Column("id", Text, primary_key=True, doc="see protocol.identity.box_id"),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("venue", Text, ForeignKey("venues.id"), nullable=False, index=True),
    Column("zone", Text, nullable=False, server_default="main"),
    Column("machine", Text, nullable=False, server_default=""),
    Column("blocked", Text, nullable=False, server_default=""),
    Column("epoch", NUMBER, nullable=False, server_default=text("1"), doc="tokens of other epochs are void"),
    Column("commands", NUMBER, nullable=False, server_default=text("0"), doc="the last command's number"),
    Column("moved", NUMBER, nullable=False, server_default=text("0"), doc="publication it was moved at"),
    Column("created", Float, nullable=False),
)
pulses = Table(
    "pulses",
    metadata,
    Column("box", Text, ForeignKey("boxes.id", ondelete="CASCADE"), primary_key=True),
    Column("seen", Float, nullable=False, doc="when the last heartbeat came"),
    Column("address", Text, nullable=False, server_default=""),
    Column("boot", Text, nullable=False, server_default=""),
    Column("run", Text, nullable=False, server_default=""),
    Column("sequence", NUMBER, nullable=False, server_default=text("0")),
    Column("now", Text, nullable=False, server_default="{}", doc="JSON of protocol.heartbeat.Now"),
    Column("digest", Text, nullable=False, server_default=""),
    Column("status", Text, nullable=False, server_default="", doc="JSON of protocol.heartbeat.Status"),
    Column("revision", NUMBER, nullable=False, server_default=text("0")),
    Column("log", Text, nullable=False, server_default="", doc="JSON of protocol.heartbeat.LogHead"),
    Column(
        "attention",
        Integer,
        nullable=False,
        server_default=text("1"),
        doc="in how many heartbeats there is more to say than 'go on'; see services.attention",
    ),
    Column(
        "screen",
        Text,
        nullable=False,
        server_default="",
        doc="protocol.heartbeat.ScreenState of the status; empty where it has told of no screen",
    ),
    comment="one row per box, written at each heartbeat, and nothing else in it",
    postgresql_with={"fillfactor": 50},
)
instances = Table(
    "instances",
    metadata,
    Column("box", Text, ForeignKey("boxes.id", ondelete="CASCADE"), primary_key=True),
    Column("run", Text, primary_key=True),
    Column("machine", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
    Column("sequence", NUMBER, nullable=False),
    Column("turn", Integer, nullable=False, doc="when it took over last: 1, 2, 3, ... for each box"),
    Column("returns", Integer, nullable=False, server_default=text("0"), doc="came back after another run"),
    Column("verdict", Text, nullable=False, server_default="", doc="empty, original or cloned"),
)
pairings = Table(
    "pairings",
    metadata,
    Column("box", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("machine", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("site", Text, nullable=False, server_default="", index=True, doc="what counts as one address"),
)
challenges = Table(
    "challenges",
    metadata,
    Column("nonce", Text, primary_key=True, doc="of one that was answered: it is not taken again"),
    Column("box", Text, nullable=False),
    Column("expires", Float, nullable=False),
)
attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, primary_key=True, doc="what is counted, such as 'claim:10.0.0.7'"),
    Column("count", Integer, nullable=False),
    Column("until", Float, nullable=False, doc="when it is forgotten"),
)

# -- what they play --------------------------------------------------------------------------------

tracks = Table(
    "tracks",
    metadata,
    Column("id", Text, primary_key=True, doc="the first 20 digits of its SHA-256"),
    Column("sha256", Text, nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("state", Text, nullable=False, doc="analysing, converting, ready or unplayable"),
    Column("reason", Text, nullable=False, server_default="", doc="why it is unplayable"),
    Column("kind", Text, nullable=False, server_default="file", doc="file (music), still or clip"),
    Column("thumbnail", Boolean, nullable=False, server_default=false(), doc="whether there is one"),
    Column(
        "copy_sha256", Text, nullable=False, server_default="", index=True, doc="of what boxes play of it"
    ),
    Column("copy_size", BigInteger, nullable=False, server_default=text("0")),
    Column("progress", Float, nullable=False, server_default=text("0"), doc="of the copy, from 0 to 1"),
    Column(
        "lease",
        Float,
        nullable=False,
        server_default=text("0"),
        doc="until then somebody analyses it, or makes the copy; see services.leases",
    ),
    Column(
        "tries",
        Integer,
        nullable=False,
        server_default=text("0"),
        doc="how often that was begun without coming to an end",
    ),
    Column("title", Text, nullable=False, server_default=""),
    Column("artist", Text, nullable=False, server_default=""),
    Column("item", Text, nullable=False, server_default="{}", doc="JSON: what operators changed of the Item"),
    Column("facts", Text, nullable=False, server_default="", doc="JSON of the analysis' verdict"),
    Column("created", Float, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
)
playlists = Table(
    "playlists",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False, doc="JSON of playout.catalogue.Playlist, of tracks and streams"),
    Column("revised", Float, nullable=False),
    Column("group", Text, nullable=False, server_default="", doc="empty: all groups"),
)
streams = Table(
    "streams",
    metadata,
    Column("id", Text, primary_key=True),
    Column("body", Text, nullable=False, doc="JSON of a playout.items.Item that is not a file"),
    Column("group", Text, nullable=False, server_default=""),
)
programs = Table(
    "programs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("draft", Text, nullable=False, doc="JSON of a catalogue.Program without items and playlists"),
    Column("lists", Text, nullable=False, server_default="[]", doc="JSON: ids of the playlists it uses"),
    Column("version", Integer, nullable=False, server_default=text("0"), doc="of the last one that was made"),
    Column("revised", Float, nullable=False),
    Column("group", Text, nullable=False, server_default=""),
)
program_versions = Table(
    "program_versions",
    metadata,
    Column("program", Text, ForeignKey("programs.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", Text, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False, doc="the program's file"),
    Column("remarks", Text, nullable=False, server_default="[]", doc="JSON: what is worth a look"),
    Column("created", Float, nullable=False),
    Column("by", Text, nullable=False),
)
publications = Table(
    "publications",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True, doc="the revision that boxes go by"),
    Column("program", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("target", Text, nullable=False, doc="group, venue, zone or box"),
    Column("target_id", Text, nullable=False, doc="of a zone: venue/zone"),
    Column("created", Float, nullable=False),
    Column("by", Text, nullable=False),
    Column("over", Boolean, nullable=False, server_default=false(), doc="its target is gone; no row ever is"),
    Index("ix_publications_target", "target", "target_id", "id"),
)

# -- what they are told ----------------------------------------------------------------------------

commands = Table(
    "commands",
    metadata,
    Column("id", Text, primary_key=True),
    Column("box", Text, ForeignKey("boxes.id", ondelete="CASCADE"), nullable=False),
    Column("number", NUMBER, nullable=False),
    Column("name", Text, nullable=False),
    Column("args", Text, nullable=False, server_default="{}"),
    Column("issued", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("by", Text, nullable=False),
    Column("state", Text, nullable=False, doc="waiting, sent, expired, or an Outcome"),
    Column("sent", Float, nullable=True, doc="when it was sent last"),
    Column("finished", Float, nullable=True),
    Column("result", Text, nullable=False, server_default="", doc="JSON of protocol.commands.CommandResult"),
    Column("attachment", Text, nullable=False, server_default="", doc="digest of what came with it"),
    Column("attachment_type", Text, nullable=False, server_default=""),
    UniqueConstraint("box", "number"),
    Index("ix_commands_open", "box", "number", sqlite_where=text("finished IS NULL"),
          postgresql_where=text("finished IS NULL")),
    Index("ix_commands_attached", "finished", sqlite_where=text("attachment <> ''"),
          postgresql_where=text("attachment <> ''")),
)  # fmt: skip
discarded = Table(
    "discarded",
    metadata,
    Column("key", Text, primary_key=True, doc="of a content in the media store that is to go"),
)

# -- what was played -------------------------------------------------------------------------------

logs = Table(
    "logs",
    metadata,
    Column("box", Text, primary_key=True),
    Column("log", Text, primary_key=True),
    Column("venue", Text, nullable=False, doc="where the box was when the log began"),
    Column("acknowledged", NUMBER, nullable=False),
    Column("hash", Text, nullable=False, doc="of the last entry"),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
)
played = Table(
    "played",
    metadata,
    Column("box", Text, primary_key=True),
    Column("log", Text, primary_key=True),
    Column("number", NUMBER, primary_key=True, doc="of the entry"),
    Column("sequence", NUMBER, nullable=False),
    Column("venue", Text, nullable=False, doc="where the box was when it came"),
    Column("zone", Text, nullable=False, server_default=""),
    Column("boot", Text, nullable=False),
    Column("started", Float, nullable=False, doc="monotonic; so is over"),
    Column("over", Float, nullable=False),
    Column("at", Float, nullable=False, doc="when it started, as well as it is known"),
    Column("trust", Text, nullable=False),
    Column("heard_s", Float, nullable=False),
    Column("level_db", Float, nullable=True),
    Column("layer", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),
    Column("playlist", Text, nullable=False, server_default=""),
    Column("blind", Boolean, nullable=False, server_default=false()),
    Column("ended", Text, nullable=False),
    Column("item", Text, nullable=False, doc="JSON of protocol.asrun.Snapshot"),
    Column("hash", Text, nullable=False),
    Column("received", Float, nullable=False),
    Column("shown_s", Float, nullable=True, doc="for how long a picture was shown; NULL is no picture"),
    Column("outputs", Text, nullable=False, server_default="[]", doc="JSON: the screens it was shown on"),
    Index("ix_played_venue_at", "venue", "at"),
    Index("ix_played_boot", "box", "boot"),
)
clock_reads = Table(
    "clock_reads",
    metadata,
    Column("box", Text, primary_key=True),
    Column("log", Text, primary_key=True),
    Column("number", NUMBER, primary_key=True),
    Column("boot", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("wall", Float, nullable=False),
    Column("trust", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_clock_reads_boot", "box", "boot"),
)
set_aside = Table(
    "set_aside",
    metadata,
    Column("box", Text, primary_key=True),
    Column("log", Text, primary_key=True),
    Column("number", NUMBER, primary_key=True),
    Column("body", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("received", Float, nullable=False),
)

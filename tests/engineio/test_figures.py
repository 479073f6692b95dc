"""Figures, and how they are written."""

from prometheus_client.openmetrics import parser

from easyplayer.engineio import Figures, Reason, openmetrics
from easyplayer.engineio.core.refusals import Refusal
from easyplayer.engineio.figures import Counts


def _figures() -> Figures:
    counts = Counts()
    counts.opened = 3
    counts.closed[Reason.PING_TIMEOUT] += 2
    counts.refused[Refusal.UNKNOWN_SID] += 4
    counts.received("abc")
    counts.received("€")
    counts.received(b"12")
    counts.sent(10, 100)
    counts.upgrades_failed += 1
    return counts.figures(
        sessions={"polling": 1, "websocket": 0}, queued_packets=5, queued_bytes=50, handlers_behind=6
    )


def test_messages_are_counted_with_their_bytes() -> None:
    """As UTF-8, whatever their kind."""
    figures = _figures()

    assert (figures.messages_in, figures.bytes_in) == (3, 3 + 3 + 2)
    assert (figures.messages_out, figures.bytes_out) == (10, 1000)


def test_what_is_written_is_openmetrics() -> None:
    """A parser of OpenMetrics reads the same figures from it."""
    text = openmetrics(_figures(), "live")
    families = {
        one.name: one
        for one in parser.text_string_to_metric_families(text)  # type: ignore[no-untyped-call] # it has none
    }

    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert samples == {
        ("live_sessions", "polling"): 1,
        ("live_sessions", "websocket"): 0,
        ("live_sessions_opened_total",): 3,
        ("live_sessions_closed_total", "ping timeout"): 2,
        ("live_messages_total", "in"): 3,
        ("live_messages_total", "out"): 10,
        ("live_message_bytes_total", "in"): 8,
        ("live_message_bytes_total", "out"): 1000,
        ("live_messages_dropped_total",): 0,
        ("live_refused_total", "unknown_sid"): 4,
        ("live_upgrades_total", "ok"): 0,
        ("live_upgrades_total", "failed"): 1,
        ("live_queued_packets",): 5,
        ("live_queued_bytes",): 50,
        ("live_handlers_behind",): 6,
    }
    assert families["live_sessions"].type == "gauge"
    assert families["live_refused"].type == "counter"
    assert families["live_refused"].documentation


def test_every_figure_is_written() -> None:
    """None is forgotten when another one is added."""
    text = openmetrics(_figures())

    assert text.count("# TYPE") == len(Figures.__struct_fields__) - len(
        {"bytes_in", "bytes_out", "upgrades_failed"}
    )
    assert text.endswith("# EOF\n")

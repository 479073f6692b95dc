"""The instruments that the box's own pieces are played on."""

from easyplayer.synth import Instrument, Partial
from easyplayer.units import Seconds


def _instrument(attack_s: float, ring_s: float, *partials: tuple[float, float, float]) -> Instrument:
    made_of = tuple(Partial(ratio, level, Seconds(decay_s)) for ratio, level, decay_s in partials)
    return Instrument(made_of, Seconds(attack_s), Seconds(ring_s))


BASS = _instrument(0.018, 3.6, (1, 1, 2.0), (2, 0.4, 1.2), (3, 0.2, 0.6), (4, 0.1, 0.3))
HARP = _instrument(
    0.004, 1.7, (1, 1, 0.7), (2, 0.6, 0.4), (3, 0.35, 0.25), (4, 0.22, 0.17), (5, 0.12, 0.12), (6, 0.08, 0.08)
)
PIANO = _instrument(0.005, 1.7, (1, 1, 0.7), (2, 0.35, 0.5), (3, 0.16, 0.35), (4, 0.07, 0.25), (7, 0.12, 0.1))
MARIMBA = _instrument(0.003, 1.2, (1, 1, 0.4), (4, 0.3, 0.1), (10, 0.06, 0.03))
VIBRAPHONE = _instrument(0.006, 2.4, (1, 1, 1.2), (4, 0.16, 0.3), (10, 0.05, 0.05))
CHIME = _instrument(
    0.003,
    3.6,
    (0.5, 0.18, 2.2),
    (1, 1, 1.5),
    (2, 0.42, 0.9),
    (3, 0.2, 0.5),
    (4.2, 0.1, 0.25),
    (5.4, 0.06, 0.1),
)
"""The rods of a clock on the mantelpiece."""
BELL = _instrument(
    0.003,
    4.5,
    (0.5, 0.3, 2.4),
    (1, 0.6, 1.4),
    (1.2, 0.3, 0.9),
    (1.5, 0.14, 0.6),
    (2, 0.8, 0.9),
    (3, 0.3, 0.4),
)
"""A church bell: the minor third in it is what makes it one."""

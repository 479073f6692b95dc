"""Which of several files counts, and that what cannot be used never takes the place of what can."""

from hypothesis import given as supposing
from hypothesis import strategies as st

from easyplayer.appliance.given import Given, understand
from easyplayer.appliance.setup_report import BOOT, STICK
from easyplayer.appliance.succession import NO_STICKS, Files, Memory, Succession, succeed


def a_file(text: str) -> dict[str, bytes]:
    """Make a technician's file."""
    return {"easyplayer.toml": text.encode()}


def named(name: str) -> dict[str, bytes]:
    """Make one that gives the box a name, to be known by."""
    return a_file(f'[hub]\nname = "{name}"\n')


NOTHING: dict[str, bytes] = {}
BAD = a_file("[hub]\nnaem = 1\n")
REMARKS = a_file("# Settings of this box\r\n\r\n  #[hub]\r\n")
NOTHING_WRITTEN = a_file("")


def understood(files: Files) -> Given:
    """Understand files as the box does."""
    return understand(files, lambda: ())


def after(memory: Memory, boot: Files = NOTHING, stick: Files = NOTHING) -> Succession:
    """Start a box that remembers something."""
    return succeed(memory, boot, stick, understood)


def name_of(one: Succession) -> str:
    """Tell which file is in force."""
    return "" if one.given is None else one.given.settings.hub.name


def test_blank_box_goes_without() -> None:
    """It plays, and tells nothing of a file that nobody has written."""
    now = after(Memory())
    assert now.given is None
    assert now.report.source == ""
    assert now.memory == Memory()


def test_file_on_the_boot_partition_is_put_in_force_and_stays() -> None:
    """Also where it cannot be read at the next start, or was taken away."""
    first = after(Memory(), boot=named("one"))
    assert (name_of(first), first.report.source) == ("one", BOOT)
    assert name_of(after(first.memory)) == "one"
    assert after(first.memory, boot=named("one")).memory == first.memory


def test_remarks_that_nobody_has_written_are_not_put_in_force_but_seen() -> None:
    """As in the image's example: a bad stick changes nothing, and a good one outlives the next start."""
    bad = after(Memory(), boot=REMARKS, stick=BAD)
    assert (bad.given, bad.memory.good) == (None, None)
    assert bad.report.problems
    good = after(bad.memory, boot=REMARKS, stick=named("two"))
    assert name_of(after(good.memory, boot=REMARKS)) == "two"


def test_remarks_take_away_what_was_given_before() -> None:
    """Somebody has put an empty file there: the box is what it came as, and complains of nothing."""
    given = after(after(Memory(), boot=REMARKS, stick=named("two")).memory, boot=NOTHING_WRITTEN)
    assert (name_of(given), given.report.source) == ("", BOOT)
    mended = after(after(Memory(), boot=BAD).memory, boot=REMARKS)
    assert (mended.given, mended.report.problems) == (None, ())


def test_bad_file_leaves_the_last_good_one_in_force_and_is_told_until_it_is_mended() -> None:
    """At each start anew, though it is not looked at again."""
    good = after(Memory(), boot=named("one"))
    bad = after(good.memory, boot=BAD)
    again = after(bad.memory, boot=BAD)
    assert name_of(bad) == name_of(again) == "one"
    assert "did you mean 'name'?" in bad.report.problems[0]
    assert again.report == bad.report == bad.memory.report
    assert bad.report.source == BOOT
    mended = after(again.memory, boot=named("two"))
    assert (name_of(mended), mended.report.problems) == ("two", ())


def test_good_file_that_comes_back_after_a_bad_one_takes_away_the_complaint() -> None:
    """Somebody has put the old file there again."""
    bad = after(after(Memory(), boot=named("one")).memory, boot=BAD)
    back = after(bad.memory, boot=named("one"))
    assert (name_of(back), back.report.problems) == ("one", ())


def test_stick_counts_more_than_the_boot_partition_and_stays_in_force_without_it() -> None:
    """Somebody stands there; and the file on the boot partition has been there before."""
    first = after(Memory(), boot=named("old"))
    there = after(first.memory, boot=named("old"), stick=named("new"))
    assert (name_of(there), there.report.source) == ("new", STICK)
    assert name_of(after(there.memory, boot=named("old"))) == "new"
    assert after(there.memory, boot=named("old"), stick=named("new")).memory == there.memory


def test_newer_file_on_the_boot_partition_counts_more_than_the_stick_of_last_year() -> None:
    """That one is not plugged in any more."""
    there = after(after(Memory(), boot=named("old")).memory, boot=named("old"), stick=named("stick"))
    assert name_of(after(there.memory, boot=named("newer"))) == "newer"


def test_bad_stick_is_told_and_not_remembered() -> None:
    """With the next start it is gone, and so is the complaint."""
    first = after(Memory(), boot=named("one"))
    bad = after(first.memory, boot=named("one"), stick=BAD)
    assert name_of(bad) == "one"
    assert bad.report.problems
    assert bad.memory == first.memory


def test_box_that_takes_nothing_from_sticks_leaves_this_alone_too() -> None:
    """Whoever has closed that door has closed all of it; a new file on the boot partition opens it."""
    closed = after(Memory(), boot=a_file("[hub]\nname = 'one'\n[devices]\nsticks = false\n"))
    now = after(closed.memory, stick=named("guest"))
    assert name_of(now) == "one"
    assert now.report.notes == (NO_STICKS,)


def test_what_a_newer_firmware_does_not_understand_any_more_is_told_and_remembered() -> None:
    """What the older one has made of it goes on; nothing is thrown away."""
    memory = after(Memory(), boot=named("one")).memory
    assert memory.good is not None
    outdated = Memory(good=type(memory.good)(source=BOOT, files=BAD), boot=memory.boot, report=memory.report)
    now = after(outdated)
    assert now.given is None
    assert now.memory == outdated
    assert now.report.problems


FILES = st.sampled_from([NOTHING, BAD, named("a"), named("b"), named("c")])


@supposing(st.lists(st.tuples(FILES, FILES), max_size=8))
def test_whatever_comes_in_whatever_order_something_good_stays_in_force(
    starts: list[tuple[Files, Files]],
) -> None:
    """From the first good file on; what is in force was given, and what was bad is told."""
    memory, seen = Memory(), False
    for boot, stick in starts:
        now = after(memory, boot, stick)
        seen = seen or any(files not in (NOTHING, BAD) for files in (boot, stick))
        assert (now.given is not None) is seen
        assert bool(now.report.problems) or stick != BAD
        assert succeed(now.memory, NOTHING, NOTHING, understood).given == now.given
        memory = now.memory

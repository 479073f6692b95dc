"""A coverage-guided fuzzer of the core: ``python -m tests.engineio.core.fuzz_core --seconds 60``.

It tries inputs that reach code which none has reached before. It stops at an unexpected exception, where the
memory grows beyond its bound, or where one input takes too long; the input is then written to the directory
from which it was started, and may be given again as an argument.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped]  # it has none

with atheris.instrument_imports(include=["easyplayer.engineio.core"]):
    from tests.engineio.core.fuzz_input import SEEDS, one_input

MOST_MEMORY_MB = 300
MOST_SECONDS_AN_INPUT = 5
LONGEST_INPUT = 2048


def main() -> None:
    """Fuzz for some seconds, or repeat inputs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60, help="for how long")
    parser.add_argument("--corpus", type=Path, help="where inputs are kept that reach something new")
    parser.add_argument("inputs", nargs="*", help="inputs to repeat, instead of looking for new ones")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        corpus = wanted.corpus or Path(scratch)
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(SEEDS):
            (corpus / f"seed{number}").write_bytes(seed)
        limits = [
            f"-max_total_time={wanted.seconds}",
            f"-rss_limit_mb={MOST_MEMORY_MB}",
            f"-timeout={MOST_SECONDS_AN_INPUT}",
            f"-max_len={LONGEST_INPUT}",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *limits, *(wanted.inputs or [str(corpus)])], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()

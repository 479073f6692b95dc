"""What the database gives fast, and somebody takes slowly: it waits in a file in between."""

import os
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from queue import SimpleQueue


def spooled(read: Callable[[], Generator[bytes, None, None]]) -> Generator[bytes, None, None]:
    """Give pieces in order, each as soon as it is there.

    They are read on a thread of its own, as fast as can be; so a transaction that is open for that does not
    wait for whoever takes the pieces.  If nobody wants more of them, the reading ends with the next one.

    :param read: begins to read; what it raises is raised here, once what came before was given.
    """
    places: SimpleQueue[tuple[int, int] | Exception | None] = SimpleQueue()
    ending = threading.Event()
    with tempfile.TemporaryFile() as file:

        def work() -> None:
            at = 0
            try:
                with closing(read()) as pieces:
                    for piece in pieces:
                        file.write(piece)
                        file.flush()
                        places.put((at, len(piece)))
                        at += len(piece)
                        if ending.is_set():
                            return
            except Exception as error:  # noqa: BLE001 - raised where the pieces are taken
                places.put(error)
            else:
                places.put(None)

        reading = threading.Thread(target=work, name="reading ahead", daemon=True)
        reading.start()
        try:
            while (place := places.get()) is not None:
                if isinstance(place, Exception):
                    raise place
                start, length = place
                yield os.pread(file.fileno(), length, start)
        finally:
            ending.set()
            reading.join()

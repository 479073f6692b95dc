"""SHA-256 on a thread of its own, beside who brings the bytes.

Reading from a line and writing to a disk leave a second core idle, and hashing is a third of all the work
that a medium makes.  ``hashlib`` lets go of the interpreter while it works.
"""

import hashlib
import queue
import threading

MOST_WAITING = 3
"""So many pieces may wait to be hashed; who brings more waits for it."""


class SideHash:
    """The digest of bytes as they come.

    >>> side = SideHash()
    >>> side.update(b"music")
    >>> side.hexdigest() == hashlib.sha256(b"music").hexdigest()
    True
    >>> side.close()
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._pieces: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None

    def update(self, piece: bytes | memoryview) -> None:
        """Take bytes in; what may change afterwards is copied."""
        if self._thread is None:
            thread = threading.Thread(target=self._work, name="hash", daemon=True)
            thread.start()
            self._thread = thread  # one that could not be started is not waited for
        self._pieces.put(bytes(piece))

    def hexdigest(self) -> str:
        """Wait until all is hashed, and give the digest."""
        self.close()
        return self._hash.hexdigest()

    def close(self) -> None:
        """End the thread, when it has hashed what it was given."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._pieces.put(None)
            thread.join()

    def _work(self) -> None:
        update, get = self._hash.update, self._pieces.get
        while (piece := get()) is not None:
            update(piece)

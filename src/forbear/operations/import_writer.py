"""Writing while reading: a thread that feeds a COPY, so that the database works on a block while the next is checked."""

import queue
import threading
from types import TracebackType
from typing import Any, Final, Self

BLOCKS: Final = 3
"""So many blocks wait at most: memory stays bounded when the database is the slower of the two."""


class Writer:
    """Writes blocks to a COPY in another thread, in order. An error there is raised here, by the next `write` or at the end."""

    def __init__(self, copy: Any) -> None:
        self._copy = copy
        self._blocks: queue.Queue[memoryview | None] = queue.Queue(BLOCKS)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="forbear-import-writer", daemon=True)

    def write(self, block: memoryview) -> None:
        """Hand over a block, waiting while too many are under way."""
        self._raise()
        self._blocks.put(block)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._blocks.put(None)
        self._thread.join()
        if error is None:
            self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (block := self._blocks.get()) is not None:
            if self._error is None:  # after an error: only empty the queue, so that nobody waits for us
                try:
                    self._copy.write(block)
                except BaseException as error:  # noqa: BLE001  whatever it is, the other thread raises it
                    self._error = error

"""Running tasks: in this process or in several, with the same outcomes in the same order."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait as wait_for
from typing import Any

from netsim.experiment.task import Outcome, Task, perform

POLL = 0.2  # seconds between two looks at the workers' progress

Report = Callable[[Sequence[int], Sequence[int]], None]
"""Told now and then the simulated ps and the station visits of every task so far."""


class WorkerDiedError(RuntimeError):
    """A worker process was ended from outside, most often for want of memory."""


def perform_all(tasks: Sequence[Task], jobs: int, report: Report | None = None) -> list[Outcome]:
    """The outcomes of ``tasks``, in their order, from at most ``jobs`` processes at a time."""
    report = report or (lambda times, visits: None)
    if jobs <= 1 or len(tasks) == 1:
        return _one_after_another(tasks, report)
    return _side_by_side(tasks, min(jobs, len(tasks)), report)


def _one_after_another(tasks: Sequence[Task], report: Report) -> list[Outcome]:
    times, visits = [0] * len(tasks), [0] * len(tasks)
    outcomes = []
    for number, task in enumerate(tasks):

        def progress(now: int, done: int, number: int = number) -> None:
            times[number], visits[number] = now, done
            report(times, visits)

        outcomes.append(perform(task, progress))
        progress(task.scenario.run.duration, outcomes[-1].records.visits)
    return outcomes


def _side_by_side(tasks: Sequence[Task], jobs: int, report: Report) -> list[Outcome]:
    # spawn: a fork of a process with threads may inherit a lock that nobody will release.
    context = multiprocessing.get_context("spawn")
    board = context.Array("q", 2 * len(tasks), lock=False)
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, context, _begin, (board,))
    try:
        futures = [pool.submit(_perform, number, task) for number, task in enumerate(tasks)]
        _watch(futures, board, report)
        return [future.result() for future in futures]
    except BrokenProcessPool:
        raise WorkerDiedError("a worker process was ended from outside; try fewer --jobs") from None
    finally:
        _end(pool, before)


def _end(pool: ProcessPoolExecutor, before: set[Any]) -> None:
    """End every worker, also one that was being started when the pool broke, which the pool does not know."""
    workers = set(multiprocessing.active_children()) - before
    for worker in workers:
        worker.terminate()
    pool.shutdown(wait=True, cancel_futures=True)
    for worker in workers:
        worker.join()


def _watch(futures: Sequence[Future[Outcome]], board: Any, report: Report) -> None:
    pending = set(futures)
    while pending:
        done, pending = wait(pending, POLL, FIRST_COMPLETED)
        report(board[0::2], board[1::2])
        for future in done:
            future.result()


_board: Any = None


def _begin(board: Any) -> None:
    """Make this worker deaf to Ctrl-C, which its parent handles, and let it end when the parent is gone."""
    global _board
    _board = board
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _perform(number: int, task: Task) -> Outcome:
    def progress(now: int, visits: int) -> None:
        _board[2 * number], _board[2 * number + 1] = now, visits

    outcome = perform(task, progress)
    progress(task.scenario.run.duration, outcome.records.visits)
    return outcome

"""The orderings command: predict every published fact and compare the orders.

``python -m tests.published [PROCESSES]`` prints the tables and writes them to results/orderings/.
"""

import sys
from pathlib import Path

from tests.published import facts, predictions, tables


def main() -> None:
    """Run, print, and write results/orderings/."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    rows = facts.load()
    answers = predictions.answers(rows, jobs)
    text = tables.whole(rows, answers)
    print(text)
    folder = Path("results/orderings")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orderings.md").write_text(text, encoding="utf-8")
    (folder / "orderings.csv").write_text(tables.rows(rows, answers), encoding="utf-8")


if __name__ == "__main__":
    main()

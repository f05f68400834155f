"""J1: from handing a job in to the first line of its function, on an idle desk; and how many no-op jobs run a second.

    python benchmarks/submit_to_start.py [JOBS] [BURST]

A line for each of the two engines, see `begin_times.py`.
"""

import sys


def main() -> None:
    """Measure both engines."""
    # imported here, as in `webapp/__main__.py`: the processes that jobs run in import this file too
    from benchmarks.begin_times import embedded, procrastinate  # noqa: PLC0415

    jobs, burst = (int(sys.argv[1]) if len(sys.argv) > 1 else 100), (int(sys.argv[2]) if len(sys.argv) > 2 else 100)
    print(f"J1 embedded: {embedded(jobs, burst)}")
    print(f"J1 Procrastinate: {procrastinate(jobs, burst)}")


if __name__ == "__main__":
    main()

"""python -m bench: measure the engine. `python -m bench rebuild --events 100000`"""

import argparse
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduit.settings")
os.environ.setdefault("DEBUG", "1")
django.setup()

from bench import rebuild, scratch  # noqa: E402 - Django has to be set up first


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures the engine.")
    parser.add_argument("what", choices=["rebuild"], nargs="?", default="rebuild")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with scratch.database():
        lines = rebuild.measure(options.events, options.rounds)
    print(f"{options.events:,} events, medians of {options.rounds} rounds")
    for line in [rebuild.TITLES, *lines]:
        print("{:40} {:>8} {:>11} {:>11} {:>10} {:>13} {:>16}".format(*line))


main()

# SPDX-License-Identifier: Apache-2.0
"""Our motion tracking and mjlab's on the same GPU, one after the other, side by side.

    python benchmarks/against_mjlab.py --mjlab-python PATH/TO/PYTHON [--num-envs 4096 8192] [--train] [--json FILE]

mjlab needs another MuJoCo than ours, so it runs in an environment of its own, whose Python is given; where only its
module path differs, give `--mjlab-path` too. Without `--mjlab-python` only ours is measured. Both follow the same clip,
with random actions and resets; see `protomotions bench` and `mjlab_tracking.py` for what is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
COLUMNS = ("environment steps/s", "physics steps/s", "ratio", "training steps/s")


def main() -> None:
    """Measure and print a table."""
    arguments = parse_arguments()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for num_envs in arguments.num_envs:
            rows.append(("protomotions", num_envs, ours(arguments, num_envs, Path(folder))))
            if arguments.mjlab_python is not None:
                rows.append(("mjlab", num_envs, mjlab(arguments, num_envs, Path(folder))))
    print_table(rows)
    if arguments.json is not None:
        with arguments.json.open("a", encoding="utf-8") as file:
            for name, _, record in rows:
                file.write(json.dumps({"learner": name, **record}) + "\n")


def parse_arguments() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--num-envs", type=int, nargs="+", default=[4096])
    parser.add_argument("--motion-file", type=Path, help="a clip of a G1; the built-in walk if left out")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to measure ours")
    parser.add_argument("--steps", type=int, default=200, help="environment steps of mjlab to measure")
    parser.add_argument("--train", action="store_true", help="time training as well")
    parser.add_argument("--iterations", type=int, default=10, help="rollouts of training to time")
    parser.add_argument("--mjlab-python", type=Path, help="Python of an environment that has mjlab 1.6")
    parser.add_argument("--mjlab-path", help="PYTHONPATH to run it with")
    parser.add_argument("--json", type=Path, help="file to append one line per row to")
    return parser.parse_args()


def ours(arguments: argparse.Namespace, num_envs: int, folder: Path) -> Mapping[str, object]:
    """Return what `protomotions bench` measures."""
    result = folder / f"ours_{num_envs}.jsonl"
    words = ["bench", "--simulator", "mujoco-warp", "--num-envs", num_envs, "--seconds", arguments.seconds]
    words += ["--motion-file", arguments.motion_file] if arguments.motion_file else []
    words += ["--train-iterations", arguments.iterations] if arguments.train else []
    run([sys.executable, "-m", "protomotions_cli", *words, "--json", result])
    return json.loads(result.read_text(encoding="utf-8"))


def mjlab(arguments: argparse.Namespace, num_envs: int, folder: Path) -> Mapping[str, object]:
    """Return what `mjlab_tracking.py` measures, under our names."""
    clip = folder / "clip.npz"
    given = ["--motion-file", arguments.motion_file] if arguments.motion_file else []
    run([sys.executable, FOLDER / "mjlab_motion.py", "--output", clip, *given])
    words = ["--motion-file", clip, "--num-envs", num_envs, "--steps", arguments.steps]
    words += ["--train", "--iterations", arguments.iterations] if arguments.train else []
    path = {} if arguments.mjlab_path is None else {"PYTHONPATH": arguments.mjlab_path}
    record = json.loads(run([arguments.mjlab_python, FOLDER / "mjlab_tracking.py", *words], **path))
    names = {"env": "env_steps_per_second", "physics": "physics_only_steps_per_second", "ratio": "ratio"}
    return {**record, **{ours: record[theirs] for ours, theirs in names.items()}} | (
        {"training": record["training_steps_per_second"]} if arguments.train else {}
    )


def run(words: Sequence[object], **variables: str) -> str:
    """Run a command and return what it printed; its errors go to ours."""
    environment = {**os.environ, **variables}
    done = subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return done.stdout


def print_table(rows: Sequence[tuple[str, int, Mapping[str, object]]]) -> None:
    """Print one line per measurement."""
    print(f"{'':<14}{'worlds':>8}" + "".join(f"{column:>21}" for column in COLUMNS))
    for name, num_envs, record in rows:
        figures = [float(str(record[key])) for key in ("env", "physics", "ratio", "training") if key in record]
        texts = [f"{figure:,.3f}" if figure < 10 else f"{figure:,.0f}" for figure in figures]
        print(f"{name:<14}{num_envs:>8,}" + "".join(f"{text:>21}" for text in texts))


if __name__ == "__main__":
    main()

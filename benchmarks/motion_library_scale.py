# SPDX-License-Identifier: Apache-2.0
"""How a library of many clips is packed, opened, kept in memory and looked up.

    python benchmarks/motion_library_scale.py [--motion-file FOLDER] [--clips 11000] [--seconds 10] [--device cpu]

The clips are pieces of those given (the built-in ones if none are), played at 0.8 to 1.25 times their speed, so that no
two are the same. They are packed into a temporary folder, opened again and looked up by as many worlds as train.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from protomotions_envs.motions import (
    Motion,
    MotionLibrary,
    builtin_motions,
    load_motions,
    open_pack,
    write_pack,
)
from protomotions_envs.motions.sharding import shard
from protomotions_envs.robots import Robot, load_robot

FPS = 50.0
RANKS = 8
LOOKUPS = 200


def main() -> None:
    """Pack, open, look up, print."""
    arguments = parse_arguments()
    robot = load_robot("g1")
    files = [arguments.motion_file] if arguments.motion_file else list(builtin_motions(robot).values())
    sources = [motion for file in files for motion in load_motions(file, robot)]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        path = write_pack(Path(folder) / "many.pack", pieces(sources, arguments), robot, fps=FPS).path
        report("packed in", time.perf_counter() - started, "s")
        measure(path, robot, arguments)


def parse_arguments() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--motion-file", type=Path, help="clips of a G1; the built-in ones if left out")
    parser.add_argument("--clips", type=int, default=11_000)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a piece before its speed is changed")
    parser.add_argument("--worlds", type=int, default=4096)
    parser.add_argument("--device", default="cpu")
    return parser.parse_args()


def pieces(sources: list[Motion], arguments: argparse.Namespace) -> Iterator[Motion]:
    """Yield so many clips, each a piece of a source at another speed."""
    rng = np.random.default_rng(0)
    for index in range(arguments.clips):
        source = sources[index % len(sources)]
        start = rng.uniform(0.0, max(source.duration - arguments.seconds, 0.0))
        piece = source.cut(start, start + arguments.seconds, name=f"{source.name}_{index}")
        speed = rng.uniform(0.8, 1.25)
        rates = {name: getattr(piece, name) * speed for name in ("joint_vel", "body_lin_vel", "body_ang_vel")}
        yield replace(piece, fps=piece.fps * speed, **rates)


def measure(path: Path, robot: Robot, arguments: argparse.Namespace) -> None:
    """Time what a training run does with a pack."""
    before = resident_gib()
    started = time.perf_counter()
    pack = open_pack(path, robot, fps=FPS)
    opened = time.perf_counter()
    library = MotionLibrary.from_pack(pack, robot, device=arguments.device)
    synchronise(arguments.device)
    report("clips", library.num_motions, "")
    report("hours", float(library.durations.sum()) / 3600, "h")
    report("opened in", opened - started, "s")
    report("library made in", time.perf_counter() - opened, "s")
    report("frames on the device or in the mapped file", library.num_bytes / 2**30, "GiB")
    report("growth of the process", resident_gib() - before, "GiB")
    lengths = [clip.num_frames for clip in pack.clips]
    covered = sum(len(shard(lengths, rank, RANKS)) for rank in range(RANKS))
    report(f"clips in {RANKS} shares together", covered, "")
    index = torch.randint(pack.num_frames, (LOOKUPS, arguments.worlds), device=arguments.device)
    for name, look_up in (("states", library.frames), ("coordinates", library.coordinates)):
        look_up(index[0])
        synchronise(arguments.device)
        started = time.perf_counter()
        for frames in index:
            look_up(frames)
        synchronise(arguments.device)
        report(f"{arguments.worlds} {name}", 1000 * (time.perf_counter() - started) / LOOKUPS, "ms")
    report("growth of the process after the lookups", resident_gib() - before, "GiB")


def resident_gib() -> float:
    """Return the most memory that the process has had, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def synchronise(device: str) -> None:
    """Wait for a GPU."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def report(name: str, value: float, unit: str) -> None:
    """Print one figure."""
    print(f"{name:<45}{value:>12,.3f} {unit}" if unit else f"{name:<45}{value:>12,}")


if __name__ == "__main__":
    main()

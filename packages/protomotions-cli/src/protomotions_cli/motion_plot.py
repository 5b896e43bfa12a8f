# SPDX-License-Identifier: Apache-2.0
"""A clip over time in one picture: the root, the feet and their contacts, the joints nearest to their limits."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from protomotions_cli.atomic_files import replacing
from protomotions_cli.errors import UsageError
from protomotions_envs.motions import Motion
from protomotions_envs.motions.contacts import lowest_heights
from protomotions_envs.robots import Robot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUM_JOINTS = 5
"""How many joints are shown."""
_BESIDE = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5), "fontsize": "small"}
_LEFT, _RIGHT, _ROOT = "#2a6fbb", "#c8553d", "#333333"


def check_plotting(path: Path) -> None:
    """Check that a plot can be written, before the work on it.

    Raises:
        UsageError: matplotlib is missing, the name doesn't end in .png, or there is no such folder.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise UsageError("matplotlib is not installed; run: pip install 'protomotions-cli[plot]'")
    if path.suffix != ".png":
        raise UsageError(f"--plot {path} must end in .png")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {path.absolute().parent} to write the plot to; make it first")


def plot_motion(motion: Motion, robot: Robot, path: Path) -> None:
    """Draw a clip to a file.

    Args:
        motion: The clip.
        robot: Whose it is.
        path: Ends in .png; the folder exists.

    Raises:
        UsageError: The file can't be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 10), layout="constrained")
    height, speed, feet, limits = figure.subplots(4, 1, sharex=True)
    _draw_root(motion, height, speed)
    _draw_feet(motion, robot, feet)
    _draw_limits(motion, robot, limits)
    figure.suptitle(f"{motion.name}, {motion.duration:.1f} s at {motion.fps:g} frames/s, {motion.robot}")
    limits.set_xlabel("time, s")
    try:
        with replacing(path) as temporary:
            figure.savefig(temporary, dpi=120)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror or error}") from error


def limit_margins(motion: Motion, robot: Robot) -> np.ndarray:
    """Return how far each joint is from the nearer of its limits, negative outside, rad, [T, J]."""
    return np.minimum(motion.joint_pos - robot.joint_lower, robot.joint_upper - motion.joint_pos)


def _times(motion: Motion) -> np.ndarray:
    return np.arange(motion.num_frames) / motion.fps


def _draw_root(motion: Motion, height: Axes, speed: Axes) -> None:
    height.plot(_times(motion), motion.body_pos[:, 0, 2], color=_ROOT)
    height.set_ylabel("root height, m")
    speed.plot(_times(motion), np.linalg.norm(motion.body_lin_vel[:, 0, :2], axis=-1), color=_ROOT)
    speed.set_ylabel("root speed, m/s")


def _draw_feet(motion: Motion, robot: Robot, axes: Axes) -> None:
    """Draw the height of each sole, and a bar below where the clip marks it as standing."""
    sides = (
        ("left", robot.config.left_foot_bodies, _LEFT, -0.02),
        ("right", robot.config.right_foot_bodies, _RIGHT, -0.04),
    )
    for side, names, colour, place in sides:
        bodies = robot.body_indices(names)
        lowest = lowest_heights(robot, bodies, motion.body_pos, motion.body_rot).min(axis=1)
        standing = motion.body_contact[:, bodies].any(axis=1)
        axes.plot(_times(motion), lowest, color=colour, label=f"{side} sole")
        axes.plot(_times(motion), np.where(standing, place, np.nan), color=colour, linewidth=5, solid_capstyle="butt")
    axes.axhline(0.0, color="black", linewidth=0.5)
    axes.set_ylabel("sole above ground, m\n(bars: in contact)")
    axes.legend(**_BESIDE)


def _draw_limits(motion: Motion, robot: Robot, axes: Axes) -> None:
    margins = limit_margins(motion, robot)
    nearest = np.argsort(margins.min(axis=0))[:NUM_JOINTS]
    for joint in nearest:
        axes.plot(_times(motion), margins[:, joint], label=robot.joint_names[joint], linewidth=1)
    axes.axhline(0.0, color="black", linewidth=0.5)
    axes.set_ylabel("joint to its nearer limit, rad\n(below 0: outside)")
    axes.legend(**_BESIDE)

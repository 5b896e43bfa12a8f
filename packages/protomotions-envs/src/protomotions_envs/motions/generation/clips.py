# SPDX-License-Identifier: Apache-2.0
"""The clips that ship with the package, made again from nothing."""

from __future__ import annotations

from pathlib import Path

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.format import save_motion
from protomotions_envs.motions.generation.stance import default_stance
from protomotions_envs.motions.generation.standing import squat, sway, wave
from protomotions_envs.motions.generation.walking import step_in_place, walk
from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.robots import Robot, load_robot

_PLANS = {
    "g1": (squat, sway, step_in_place, wave, walk),
}
"""Robot to the plans of its clips; a function's name is that of its clip."""


def clip_names(robot_name: str = "g1") -> tuple[str, ...]:
    """Return the names of the clips that can be generated for a robot."""
    return tuple(plan.__name__ for plan in _PLANS.get(robot_name, ()))


def generate_clip(robot: Robot, name: str) -> Motion:
    """Generate one clip; the same numbers every time.

    Raises:
        MotionError: There is no plan of this name for this robot, or the packages for inverse kinematics are missing.
    """
    try:
        from protomotions_envs.motions.generation.inverse_kinematics import solve_plan
    except ModuleNotFoundError as error:
        raise MotionError(
            f"Generating motions needs {error.name}, which is not installed: pip install 'protomotions-envs[retarget]'"
        ) from error
    plans = {plan.__name__: plan for plan in _PLANS.get(robot.name, ())}
    if name not in plans:
        raise MotionError(f"No clip {name!r} for robot {robot.name!r}; there are: {', '.join(plans) or 'none'}")
    plan = plans[name](default_stance(robot))
    qpos = solve_plan(robot, plan)
    return motion_from_joint_positions(
        robot,
        name=name,
        fps=plan.fps,
        root_pos=qpos[:, :3],
        root_rot=qpos[:, 3:7],
        joint_pos=qpos[:, 7:],
        source=f"protomotions_envs.motions.generation, inverse kinematics: {plan.summary}",
        licence="Apache-2.0",
    )


def generate_builtin_clips(folder: Path, robot_name: str = "g1") -> list[Path]:
    """Write all clips of a robot into a folder, which is made if needed, and return their files.

    Raises:
        MotionError: There are no plans for this robot, or the packages for inverse kinematics are missing.
        RobotError: There is no such robot.
    """
    robot = load_robot(robot_name)
    if not clip_names(robot.name):
        raise MotionError(f"No clips are generated for robot {robot.name!r}; there are some for {', '.join(_PLANS)}")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in clip_names(robot.name):
        paths.append(folder / f"{name}.npz")
        save_motion(generate_clip(robot, name), paths[-1])
    return paths

# SPDX-License-Identifier: Apache-2.0
"""A robot small enough to work out by hand, clips of it, and writers of other people's formats."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from protomotions_envs.motions import Motion, motion_from_joint_positions
from protomotions_envs.robots import JointDrive, Robot, RobotConfig

# A trunk, a leg that hangs 0.5 m below it on a hinge about y, a foot 0.4 m below that on another, an arm that turns
# about x. The sole is 0.05 m under the ankle.
TINY_MJCF = """
<mujoco>
  <compiler angle="radian"/>
  <worldbody>
    <body name="trunk" pos="0 0 1">
      <freejoint/>
      <geom type="sphere" size="0.1"/>
      <body name="leg" pos="0 0 -0.5">
        <joint name="hip" axis="0 1 0" range="-2 2"/>
        <geom type="capsule" fromto="0 0 0 0 0 -0.3" size="0.03"/>
        <body name="foot" pos="0 0 -0.4">
          <joint name="ankle" axis="0 1 0" range="-2 2"/>
          <geom type="box" size="0.1 0.05 0.02" pos="0.05 0 -0.03"/>
        </body>
      </body>
      <body name="arm" pos="0 0.2 0.3">
        <joint name="shoulder" axis="1 0 0" range="-2 2"/>
        <geom type="sphere" size="0.05" pos="0 0 -0.3"/>
      </body>
    </body>
  </worldbody>
</mujoco>
"""


@pytest.fixture(scope="session")
def make_robot(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Robot]:
    """Maker of a robot from MJCF text; the first body is trunk and head, the named one the foot."""

    def make(mjcf: str, name: str = "tiny", trunk: str = "trunk", foot: str = "foot") -> Robot:
        path = tmp_path_factory.mktemp("robot") / f"{name}.xml"
        path.write_text(mjcf)
        config = RobotConfig(
            name=name,
            mjcf=path,
            drives={".*": JointDrive(stiffness=100.0, damping=10.0, effort_limit=50.0, velocity_limit=20.0)},
            default_joint_pos={},
            default_root_height=0.95,
            anchor_body=trunk,
            left_foot_bodies=(foot,),
            right_foot_bodies=(),
            left_hand_bodies=(),
            right_hand_bodies=(),
            head_body=trunk,
            torso_body=trunk,
            key_bodies=(foot,),
        )
        return Robot(config)

    return make


@pytest.fixture(scope="session")
def tiny(make_robot: Callable[..., Robot]) -> Robot:
    """The robot of `TINY_MJCF`: 4 bodies, 3 joints."""
    return make_robot(TINY_MJCF)


@pytest.fixture(scope="session")
def swing(tiny: Robot) -> Motion:
    """A second of the tiny robot turning, rising and swinging its joints, 20 frames at 20 per second."""
    time = np.arange(20) / 20.0
    yaw = 0.8 * time
    return motion_from_joint_positions(
        tiny,
        name="swing",
        fps=20.0,
        root_pos=np.stack((0.5 * time, -0.2 * time, 0.95 + 0.1 * time), axis=1),
        root_rot=np.stack((np.cos(yaw / 2), 0 * time, 0 * time, np.sin(yaw / 2)), axis=1),
        joint_pos=np.stack((np.sin(3 * time), -0.5 * np.sin(3 * time), 0.3 * time), axis=1),
        source="made up",
        licence="CC0-1.0",
    )


def proto_tensors(motion: Motion) -> dict[str, Any]:
    """Return a motion as the dictionary of a `.motion` file, quaternions xyzw."""
    return {
        "rigid_body_pos": torch.from_numpy(motion.body_pos),
        "rigid_body_rot": torch.from_numpy(np.roll(motion.body_rot, -1, axis=-1).copy()),
        "rigid_body_vel": torch.from_numpy(motion.body_lin_vel),
        "rigid_body_ang_vel": torch.from_numpy(motion.body_ang_vel),
        "rigid_body_contacts": torch.from_numpy(motion.body_contact),
        "dof_pos": torch.from_numpy(motion.joint_pos),
        "dof_vel": torch.from_numpy(motion.joint_vel),
        "local_rigid_body_rot": None,
        "fps": int(motion.fps),
    }


@pytest.fixture(scope="session")
def write_proto() -> Callable[..., Path]:
    """Writer of a `.motion` file from a motion, with entries of the dictionary replaced."""

    def write(path: Path, motion: Motion, **changes: object) -> Path:
        torch.save(proto_tensors(motion) | changes, path)
        return path

    return write


@pytest.fixture(scope="session")
def write_pack() -> Callable[..., Path]:
    """Writer of a `.pt` pack of motions, with entries of the dictionary replaced."""

    def write(path: Path, motions: list[Motion], **changes: object) -> Path:
        parts = [proto_tensors(motion) for motion in motions]
        counts = torch.tensor([motion.num_frames for motion in motions])
        content: dict[str, Any] = {
            short: torch.cat([part[long] for part in parts])
            for short, long in (("gts", "rigid_body_pos"), ("grs", "rigid_body_rot"), ("dps", "dof_pos"))
        }
        content |= {
            "length_starts": counts.cumsum(0) - counts,
            "motion_num_frames": counts,
            "motion_dt": torch.tensor([1.0 / motion.fps for motion in motions]),
            "motion_weights": torch.tensor([motion.weight for motion in motions]),
            "motion_files": tuple(f"clips/{motion.name}.motion" for motion in motions),
        }
        torch.save(content | changes, path)
        return path

    return write


@pytest.fixture(scope="session")
def write_csv() -> Callable[..., Path]:
    """Writer of a headerless CSV from a motion."""

    def write(path: Path, motion: Motion, quaternion_order: str = "xyzw") -> Path:
        root_rot = motion.body_rot[:, 0]
        if quaternion_order == "xyzw":
            root_rot = np.roll(root_rot, -1, axis=1)
        np.savetxt(path, np.concatenate((motion.body_pos[:, 0], root_rot, motion.joint_pos), axis=1), "%.9f", ",")
        return path

    return write


@pytest.fixture(scope="session")
def with_value() -> Callable[..., Motion]:
    """Maker of a copy of a motion with one number of one array changed."""

    def change(motion: Motion, field: str, place: tuple[int, ...], value: float) -> Motion:
        array = getattr(motion, field).copy()
        array[place] = value
        return replace(motion, **{field: array})

    return change

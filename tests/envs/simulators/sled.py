# SPDX-License-Identifier: Apache-2.0
"""A robot whose physics fits on one line: a sled on two runners with one arm in front, held level by a drive."""

from pathlib import Path

import torch

from protomotions_envs.robots.robot import JointDrive, Robot, RobotConfig
from protomotions_envs.state import ResetState

SLED_MASS = 20.0
ARM_MASS = 1.0
ARM_LEVER = 0.25
"""From the hinge to the arm's centre of mass, m."""
RUNNER_RADIUS = 0.05
STIFFNESS = 50.0
DAMPING = 3.0
EFFORT = 5.0
SLED, ARM = 0, 1
"""Indices of the bodies."""

_MJCF = f"""
<mujoco model="sled">
  <compiler angle="radian"/>
  <worldbody>
    <body name="sled" pos="0 0 {RUNNER_RADIUS}">
      <freejoint name="root"/>
      <geom type="capsule" fromto="-0.4 0.3 0 0.4 0.3 0" size="{RUNNER_RADIUS}" mass="{SLED_MASS / 2}"/>
      <geom type="capsule" fromto="-0.4 -0.3 0 0.4 -0.3 0" size="{RUNNER_RADIUS}" mass="{SLED_MASS / 2}"/>
      <body name="arm" pos="0.4 0 0">
        <joint name="hinge" type="hinge" axis="0 1 0" range="-1.5 1.5"/>
        <geom type="capsule" fromto="0 0 0 0.5 0 0" size="0.02" mass="{ARM_MASS}" contype="0" conaffinity="0"/>
      </body>
    </body>
  </worldbody>
</mujoco>
"""


def make_sled(folder: Path) -> Robot:
    """Return the robot; its file is written to a folder."""
    path = folder / "sled.xml"
    path.write_text(_MJCF)
    return Robot(
        RobotConfig(
            name="sled",
            mjcf=path,
            drives={"hinge": JointDrive(STIFFNESS, DAMPING, EFFORT, velocity_limit=100.0)},
            default_joint_pos={},
            default_root_height=RUNNER_RADIUS,
            anchor_body="sled",
            left_foot_bodies=("sled",),
            right_foot_bodies=(),
            left_hand_bodies=("arm",),
            right_hand_bodies=(),
            head_body="sled",
            torso_body="sled",
            key_bodies=("arm",),
        )
    )


def sled_state(count: int, *, height: float = 0.0, speed: float = 0.0, spin: float = 0.0) -> ResetState:
    """Return sleds with level arms, so high above the ground, sliding forward, with arms turning so fast."""
    upright = torch.tensor([1.0, 0.0, 0.0, 0.0]).expand(count, 4)
    zeros = torch.zeros(count, 3)
    return ResetState.of(
        root_pos=torch.tensor([0.0, 0.0, RUNNER_RADIUS + height]).expand(count, 3),
        root_rot=upright,
        joint_pos=torch.zeros(count, 1),
        root_lin_vel=torch.tensor([speed, 0.0, 0.0]).expand(count, 3),
        root_ang_vel=zeros,
        joint_vel=torch.full((count, 1), spin),
    )

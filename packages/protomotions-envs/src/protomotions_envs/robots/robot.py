# SPDX-License-Identifier: Apache-2.0
"""A robot: its MJCF file, the facts that MJCF does not hold, and the names and numbers that follow from both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np

from protomotions_envs.errors import RobotError
from protomotions_envs.robots.mjcf import compile_mjcf, read_robot


@dataclass(frozen=True)
class JointDrive:
    """The position drive of a joint: torque = stiffness (target - q) - damping q', limited to the effort."""

    stiffness: float
    """N m/rad."""
    damping: float
    """N m s/rad."""
    effort_limit: float
    """N m."""
    velocity_limit: float
    """rad/s; a fact of the motor, not enforced by every simulator."""
    armature: float = 0.0
    """Reflected rotor inertia, kg m^2."""
    friction_loss: float = 0.0
    """Dry friction, N m."""

    def __post_init__(self) -> None:
        wrong = [name for name, value in vars(self).items() if not (np.isfinite(value) and value >= 0)]
        if wrong or self.stiffness == 0 or self.effort_limit == 0:
            raise RobotError(f"A drive needs a positive stiffness and effort and no negative number; given: {self}")


@dataclass(frozen=True)
class RobotConfig:
    """The facts of a robot. Patterns are regular expressions that must match whole joint names."""

    name: str
    """What `--robot-name` takes and what motion files record."""
    mjcf: Path
    """The model: bodies with inertias, hinges with ranges, collision shapes. Its actuators and floor are ignored."""
    drives: Mapping[str, JointDrive]
    """Pattern of joint names to drive; each joint must match exactly one."""
    default_joint_pos: Mapping[str, float]
    """Pattern of joint names to the angle of the default pose, rad; other joints are 0."""
    default_root_height: float
    """Height of the root above the ground in the default pose, m."""
    anchor_body: str
    """The body whose heading frame observations use."""
    left_foot_bodies: tuple[str, ...]
    """Bodies that carry the left sole."""
    right_foot_bodies: tuple[str, ...]
    """Bodies that carry the right sole."""
    left_hand_bodies: tuple[str, ...]
    """Bodies of the left hand."""
    right_hand_bodies: tuple[str, ...]
    """Bodies of the right hand."""
    head_body: str
    """The body that carries the head."""
    torso_body: str
    """The upper trunk."""
    key_bodies: tuple[str, ...]
    """The bodies that sparse tasks and retargeting follow."""
    timestep: float = 0.005
    """Physics step, s."""
    decimation: int = 4
    """Physics steps per control step."""
    stiff: bool = False
    """Whether drives are stiff for the limbs that they move, so that damping at the effort limit would make them shake.

    Joints then have timestep * damping of inertia beside their armature. That is what integrating the damping
    implicitly amounts to; MuJoCo does so only while the torque is below its limit.
    """

    def __post_init__(self) -> None:
        if self.timestep <= 0 or self.decimation < 1:
            raise RobotError(
                f"Robot {self.name!r} needs a positive timestep and a decimation of at least 1; "
                f"given {self.timestep} s and {self.decimation}"
            )
        for pattern in (*self.drives, *self.default_joint_pos):
            try:
                re.compile(pattern)
            except re.error as error:
                raise RobotError(f"{pattern!r}, a pattern of robot {self.name!r}, is not regular: {error}") from error


class Robot:
    """A robot's model with everything resolved by name and in MJCF order.

    Args:
        config: The facts.

    Raises:
        RobotError: The model can't be read, or a pattern or body name of the facts doesn't fit it.
    """

    def __init__(self, config: RobotConfig) -> None:
        self.config = config
        self.name = config.name
        plain = compile_mjcf(read_robot(config.mjcf), config.mjcf)
        # Body 0 is MuJoCo's world, joint 0 the root's free joint.
        self.joint_names = tuple(plain.joint(i).name for i in range(1, plain.njnt))
        """Hinges in MJCF order, [J]."""
        self.body_names = tuple(plain.body(i).name for i in range(1, plain.nbody))
        """Bodies in MJCF order, the root first, [B]."""
        self.parents = tuple(int(parent) - 1 for parent in plain.body_parentid[1:])
        """Index of each body's parent, -1 for the root, [B]."""
        self.joint_lower, self.joint_upper = _joint_limits(plain)
        """Joint limits, rad, [J] each; one turn either way where the model has none."""
        drives = [_match_one(config.drives, name, config.name) for name in self.joint_names]
        self.stiffness = np.array([drive.stiffness for drive in drives])
        """N m/rad, [J]."""
        self.damping = np.array([drive.damping for drive in drives])
        """N m s/rad, [J]."""
        self.effort_limit = np.array([drive.effort_limit for drive in drives])
        """N m, [J]."""
        self.velocity_limit = np.array([drive.velocity_limit for drive in drives])
        """rad/s, [J]."""
        self.armature = np.array([drive.armature for drive in drives])
        """kg m^2, [J]."""
        self.friction_loss = np.array([drive.friction_loss for drive in drives])
        """N m, [J]."""
        self.default_joint_pos = self._default_pose()
        """Joint angles of the default pose, rad, [J]."""
        self.model = self.make_spec().compile()
        """The compiled model without a floor; for kinematics and facts, never stepped."""
        self._check_body_names()

    @property
    def num_joints(self) -> int:
        """Number J of driven hinges."""
        return len(self.joint_names)

    @property
    def num_bodies(self) -> int:
        """Number B of bodies."""
        return len(self.body_names)

    @property
    def mass(self) -> float:
        """Total mass, kg."""
        return float(self.model.body_mass.sum())

    @property
    def control_dt(self) -> float:
        """Duration of a control step, s."""
        return self.config.timestep * self.config.decimation

    @property
    def action_reach(self) -> np.ndarray:
        """How far from the default pose an action may ask a joint to go, rad, [J].

        To its farther limit, or to where the drive at rest gives all its effort, whichever is farther: stiff drives
        reach every angle, and soft ones can give all they have.
        """
        pose = self.default_joint_pos
        farther = np.maximum(self.joint_upper - pose, pose - self.joint_lower)
        return np.maximum(farther, self.effort_limit / self.stiffness)

    @property
    def foot_bodies(self) -> tuple[str, ...]:
        """Bodies of both feet, left first."""
        return self.config.left_foot_bodies + self.config.right_foot_bodies

    @property
    def anchor_index(self) -> int:
        """Index of the anchor body."""
        return self.body_names.index(self.config.anchor_body)

    def body_indices(self, names: tuple[str, ...]) -> list[int]:
        """Return the indices of bodies by name.

        Raises:
            RobotError: The robot lacks one of them.
        """
        missing = [name for name in names if name not in self.body_names]
        if missing:
            raise RobotError(
                f"Robot {self.name!r} has no body {', '.join(missing)}; its bodies are {', '.join(self.body_names)}"
            )
        return [self.body_names.index(name) for name in names]

    def make_spec(self) -> mujoco.MjSpec:
        """Return a fresh, editable model: the MJCF with drives and timing, one position actuator per joint.

        Actuators stand in joint order and have the joints' names. There is no floor: simulators add the ground. The
        drive is all that acts on a joint; springs, dampers and actuators of the file are dropped.
        """
        spec = read_robot(self.config.mjcf)
        spec.option.timestep = self.config.timestep
        # Stiff drives need the damping inside the integrator; explicit Euler diverges.
        spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        for index in range(self.num_joints):
            self._add_drive(spec, index)
        return spec

    def _add_drive(self, spec: mujoco.MjSpec, index: int) -> None:
        name = self.joint_names[index]
        stiffness, damping = float(self.stiffness[index]), float(self.damping[index])
        joint = spec.joint(name)
        steadying = self.config.timestep * damping if self.config.stiff else 0.0
        joint.armature = self.armature[index] + steadying
        joint.frictionloss = self.friction_loss[index]
        # MuJoCo takes the coefficients of polynomials.
        joint.stiffness, joint.damping = np.zeros(3), np.zeros(3)
        joint.actfrclimited = mujoco.mjtLimited.mjLIMITED_FALSE
        actuator = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
        actuator.set_to_position(kp=stiffness, kv=damping)
        actuator.forcelimited = True
        actuator.forcerange = np.array([-1.0, 1.0]) * self.effort_limit[index]

    def _default_pose(self) -> np.ndarray:
        angles = dict.fromkeys(self.joint_names, 0.0)
        for pattern, angle in self.config.default_joint_pos.items():
            named = [name for name in self.joint_names if re.fullmatch(pattern, name)]
            if not named:
                raise RobotError(f"The default pose of robot {self.name!r} names {pattern!r}, which matches no joint")
            angles.update(dict.fromkeys(named, angle))
        pose = np.array(list(angles.values()))
        outside = (pose < self.joint_lower) | (pose > self.joint_upper)
        if outside.any():
            names = ", ".join(np.array(self.joint_names)[outside])
            raise RobotError(f"The default pose of robot {self.name!r} is outside the limits of {names}")
        return pose

    def _check_body_names(self) -> None:
        config = self.config
        hands = config.left_hand_bodies + config.right_hand_bodies
        named = {config.anchor_body, config.head_body, config.torso_body, *config.key_bodies, *hands, *self.foot_bodies}
        missing = sorted(named - set(self.body_names))
        if missing:
            raise RobotError(f"Robot {config.name!r} names bodies that {config.mjcf.name} lacks: {', '.join(missing)}")


def _match_one(drives: Mapping[str, JointDrive], joint: str, robot: str) -> JointDrive:
    found = [pattern for pattern in drives if re.fullmatch(pattern, joint)]
    if len(found) != 1:
        raise RobotError(
            f"Joint {joint!r} of robot {robot!r} matches {len(found)} patterns of the drives {found}; expected one"
        )
    return drives[found[0]]


def _joint_limits(model: mujoco.MjModel) -> tuple[np.ndarray, np.ndarray]:
    one_turn = np.array([-2 * np.pi, 2 * np.pi])
    limits = np.where(model.jnt_limited[1:, None], model.jnt_range[1:], one_turn)
    return limits[:, 0].copy(), limits[:, 1].copy()

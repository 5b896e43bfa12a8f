# SPDX-License-Identifier: Apache-2.0
"""A direction to walk in, a speed, and a direction to face."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.errors import ProtoMotionsError, did_you_mean
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.goal import Goal
from protomotions_envs.tasks.steering.config import SteeringConfig
from protomotions_envs.tasks.steering.ramp import Ramp
from protomotions_envs.tasks.task import Marker

ARROW_HEIGHT = 0.05
"""Where arrows lie, just above the ground, m."""
STANDING = 1e-3
"""Speed below which a velocity that is asked for has no direction, m/s."""
FACING_COLOUR = (0.2, 0.7, 0.35, 0.9)
_FOREVER = 1 << 40


class SteeringGoal(Goal):
    """Commands of N worlds that change every few seconds.

    Args:
        config: Settings.
        control_dt: Duration of a control step, s.
        anchor: Index of the body whose heading should face where it is told.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    name = "steering"

    def __init__(
        self, config: SteeringConfig, control_dt: float, anchor: int, num_envs: int, device: torch.device
    ) -> None:
        super().__init__(num_envs, device)
        self._commands, self._rewards = config.commands, config.rewards
        self._anchor = anchor
        self._shortest, self._longest = (max(1, round(time / control_dt)) for time in config.commands.seconds)
        rates = (config.commands.acceleration, config.commands.turn_rate)
        acceleration, turn_rate = (math.inf if rate is None else rate for rate in rates)
        self._ramp: Ramp | None = None
        if any(rate is not None for rate in rates):
            self._ramp = Ramp(acceleration, turn_rate, control_dt, num_envs, device)
        self.direction = torch.zeros(num_envs, device=device)
        """Where to go, angle about z from the world's x axis, rad, [N]."""
        self.speed = torch.zeros(num_envs, device=device)
        """How fast, m/s, [N]."""
        self.facing = torch.zeros(num_envs, device=device)
        """Where to look, angle like `direction`, rad, [N]."""
        self.steps_left = torch.zeros(num_envs, dtype=torch.long, device=device)
        """Control steps until the command changes, [N]."""
        self.age = torch.zeros_like(self.steps_left)
        """Control steps since it changed, [N]."""

    def begin(self, mask: Tensor, state: RobotState, generator: torch.Generator) -> None:
        """Draw commands afresh where `mask` [N] is true."""
        self._change(mask, mask, generator)
        if self._ramp is not None:
            self._ramp.begin(mask, state.root_lin_vel[:, :2], rotations.yaw_angle(state.body_rot[:, self._anchor]))

    def advance(self) -> None:
        """Let one control step of time pass."""
        self.steps_left -= 1
        self.age += 1

    def renew(self, state: RobotState, generator: torch.Generator) -> None:
        """Change the commands that have run out: mostly a little, sometimes altogether."""
        over = self.steps_left <= 0
        fresh = torch.rand(self.num_envs, generator=generator, device=self.device) < self._commands.fresh_fraction
        self._change(over, over & fresh, generator)
        if self._ramp is not None:
            self._ramp.approach(self.speed.unsqueeze(1) * rotations.direction(self.direction), self.facing)

    def _asked(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return direction, speed and facing as the robot is asked for them now, rad, m/s and rad, [N] each."""
        if self._ramp is None:
            return self.direction, self.speed, self.facing
        x, y = self._ramp.velocity.unbind(1)
        speed = torch.hypot(x, y)
        # Who is asked to stand still is told where to go next.
        direction = torch.where(speed < STANDING, self.direction, torch.atan2(y, x))
        return direction, speed, self._ramp.facing

    def _change(self, mask: Tensor, fresh: Tensor, generator: torch.Generator) -> None:
        """Change the commands in `mask`, altogether in `fresh`; both bool, [N]."""
        commands = self._commands
        slowest, fastest = commands.min_speed, commands.max_speed
        draws = torch.rand(6, self.num_envs, generator=generator, device=self.device)
        angle, pace, turn, gain, stop, time = draws.unbind()
        direction = self.direction + commands.direction_change * (2.0 * turn - 1.0)
        direction = torch.where(fresh, math.pi * (2.0 * angle - 1.0), direction)
        speed = (self.speed + commands.speed_change * (2.0 * gain - 1.0)).clamp(slowest, fastest)
        speed = torch.where(fresh, slowest + (fastest - slowest) * pace, speed)
        speed = torch.where(stop < commands.stop_fraction, 0.0, speed)
        facing = direction
        if commands.facing == "random":
            any_way = math.pi * (2.0 * torch.rand(self.num_envs, generator=generator, device=self.device) - 1.0)
            facing = torch.where(fresh, any_way, self.facing)
        steps = self._shortest + (time * (self._longest - self._shortest + 1)).long()
        for kept, new in (
            (self.direction, direction),
            (self.speed, speed),
            (self.facing, facing),
            (self.steps_left, steps),
            (self.age, torch.zeros_like(self.age)),
        ):
            kept.copy_(torch.where(mask, new, kept))

    def command(self, **wanted: Tensor | float) -> None:
        """Set `direction`, `speed` and `facing`, rad, m/s and rad; facing follows the direction if it isn't given.

        Raises:
            ProtoMotionsError: There is no such command.
        """
        known = {"direction": self.direction, "speed": self.speed, "facing": self.facing}
        for name in wanted:
            if name not in known:
                raise ProtoMotionsError(f"Steering takes no {name!r}.{did_you_mean(name, known)}")
        if "direction" in wanted:
            wanted.setdefault("facing", wanted["direction"])
        for name, value in wanted.items():
            known[name].copy_(torch.as_tensor(value, dtype=torch.float32, device=self.device).expand(self.num_envs))
        self.steps_left.fill_(_FOREVER)

    def view(self) -> dict[str, Tensor]:
        """Return direction, speed and facing that are asked for, [N, 3]."""
        return {"steering": torch.stack(self._asked(), dim=1)}

    def observe(self, view: dict[str, Tensor], state: RobotState, yaw: Tensor) -> Tensor:
        """Return the direction in the heading frame (2), the speed, m/s (1), the facing in that frame (2), [n, 5]."""
        direction, speed, facing = view["steering"].unbind(1)
        heading = torch.atan2(yaw[:, 1], yaw[:, 0])
        turn, look = direction - heading, facing - heading
        return torch.stack((turn.cos(), turn.sin(), speed, look.cos(), look.sin()), dim=1)

    def rewards(self, state: RobotState) -> dict[str, Tensor]:
        """Return the rewards of velocity and facing, [N] each (ASE, Peng et al. 2022, appendix, steering and heading).

        Velocities backwards earn nothing while the robot should move.
        """
        weights = self._rewards
        direction, speed, look = self._asked()
        along, across = velocity_along(state, direction)
        error = (speed - along).square() + weights.sideways * across.square()
        velocity = torch.stack([torch.exp(-scale * error) for scale in weights.velocity_scales]).mean(0)
        velocity = torch.where((along <= 0.0) & (speed > 0.0), 0.0, velocity)
        heading = rotations.heading(state.body_rot[:, self._anchor])
        facing = heading[:, 0] * look.cos() + heading[:, 1] * look.sin()
        return {"velocity": weights.velocity * velocity, "facing": weights.facing * facing.clamp_min(0.0)}

    def markers(self, state: RobotState) -> tuple[Marker, ...]:
        """Return an arrow along the way of the next second, and a short one where the robot should face."""
        x, y, _ = state.root_pos[0].tolist()
        direction, facing, way = float(self.direction[0]), float(self.facing[0]), float(self.speed[0])
        start = (x, y, ARROW_HEIGHT)
        return (
            Marker(start, (way * math.cos(direction), way * math.sin(direction), 0.0)),
            Marker(start, (0.4 * math.cos(facing), 0.4 * math.sin(facing), 0.0), FACING_COLOUR),
        )


def velocity_along(state: RobotState, direction: Tensor) -> tuple[Tensor, Tensor]:
    """Return the root's horizontal velocity along a direction, rad, [N], and to the left of it, m/s, [N] each."""
    x, y, _ = state.root_lin_vel.unbind(-1)
    cos, sin = direction.cos(), direction.sin()
    return torch.addcmul(x * cos, y, sin), torch.addcmul(y * cos, x, sin, value=-1.0)

# SPDX-License-Identifier: Apache-2.0
"""What the starts of episodes have in common in all tasks: noise, and options that choose a start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError


class StartNoise(Protocol):
    """Settings of the noise at the start of an episode."""

    @property
    def joint_pos_noise(self) -> float:
        """Standard deviation added to joint angles, rad."""
        ...

    @property
    def joint_vel_noise(self) -> float:
        """Standard deviation added to joint and root velocities, rad/s and m/s."""
        ...


def noise_scale(noise: StartNoise, num_joints: int, device: torch.device) -> Tensor:
    """Return the standard deviation of the noise of each coordinate and velocity of a start, [13 + 2 J]."""
    joints = [noise.joint_pos_noise] * num_joints
    return torch.tensor([0.0] * 7 + joints + [noise.joint_vel_noise] * (6 + num_joints), device=device)


def with_noise(starts: Tensor, scale: Tensor, generator: torch.Generator) -> Tensor:
    """Return starts [n, 13 + 2 J] with Gaussian noise on them, whose standard deviation is a `noise_scale`."""
    return torch.addcmul(starts, torch.randn(starts.shape, generator=generator, device=starts.device), scale)


def number_option(options: Mapping[str, object], name: str, end: int, like: Tensor) -> Tensor:
    """Return an option of `reset` that is an integer or one per world, as a long tensor in the shape of `like` [N].

    Raises:
        ProtoMotionsError: It isn't in 0..end - 1.
    """
    value = torch.as_tensor(options[name], device=like.device).long().expand(len(like))
    if bool((value < 0).any()) or bool((value >= end).any()):
        raise ProtoMotionsError(f"Reset option {name!r} must lie in 0..{end - 1}")
    return value

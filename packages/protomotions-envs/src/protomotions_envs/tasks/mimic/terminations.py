# SPDX-License-Identifier: Apache-2.0
"""Early termination of motion tracking (DeepMimic, section 6.2)."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from protomotions_envs.tasks.mimic.config import MimicTerminations
from protomotions_envs.terms.tracking_errors import TrackingErrors


def tracking_lost(config: MimicTerminations, errors: TrackingErrors) -> Tensor:
    """Return where any error has passed its threshold, bool, [N]."""
    passed = []
    if config.mean_body_error is not None:
        passed.append(errors.body_distances.mean(-1) > config.mean_body_error)
    if config.max_body_error is not None:
        passed.append(errors.body_distances.amax(-1) > config.max_body_error)
    if config.root_height_error is not None:
        passed.append(errors.root_height > config.root_height_error)
    if config.root_tilt_error is not None:
        passed.append(errors.root_tilt > config.root_tilt_error)
    if not passed:
        return torch.zeros_like(errors.state.joint_pos[:, 0], dtype=torch.bool)
    return functools.reduce(torch.logical_or, passed)

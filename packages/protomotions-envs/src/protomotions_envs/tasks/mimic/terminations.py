# SPDX-License-Identifier: Apache-2.0
"""Early termination of motion tracking (DeepMimic, section 6.2)."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.mimic.config import MimicTerminations
from protomotions_envs.terms import tracking_errors


def tracking_lost(config: MimicTerminations, state: RobotState, reference: RobotState) -> Tensor:
    """Return where any error has passed its threshold, bool, [N]."""
    lost = torch.zeros_like(state.root_pos[:, 0], dtype=torch.bool)
    distances = tracking_errors.body_distances(state, reference)
    if config.mean_body_error is not None:
        lost = lost | (distances.mean(-1) > config.mean_body_error)
    if config.max_body_error is not None:
        lost = lost | (distances.amax(-1) > config.max_body_error)
    if config.root_height_error is not None:
        lost = lost | (tracking_errors.root_height_error(state, reference) > config.root_height_error)
    if config.root_tilt_error is not None:
        lost = lost | (tracking_errors.root_tilt_error(state, reference) > config.root_tilt_error)
    return lost

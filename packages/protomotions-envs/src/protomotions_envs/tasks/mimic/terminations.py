# SPDX-License-Identifier: Apache-2.0
"""Early termination of motion tracking (DeepMimic, section 6.2)."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs.tasks.mimic.config import MimicTerminations
from protomotions_envs.terms.tracking_errors import TrackingErrors


def tracking_lost(config: MimicTerminations, errors: TrackingErrors) -> Tensor:
    """Return where any error has passed its threshold, bool, [N]."""
    lost = torch.zeros(len(errors.state.joint_pos), dtype=torch.bool, device=errors.state.joint_pos.device)
    if config.mean_body_error is not None:
        lost = lost | (errors.body_distances.mean(-1) > config.mean_body_error)
    if config.max_body_error is not None:
        lost = lost | (errors.body_distances.amax(-1) > config.max_body_error)
    if config.root_height_error is not None:
        lost = lost | (errors.root_height > config.root_height_error)
    if config.root_tilt_error is not None:
        lost = lost | (errors.root_tilt > config.root_tilt_error)
    return lost

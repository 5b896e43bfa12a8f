# SPDX-License-Identifier: Apache-2.0
"""What happens to joint targets on their way to the drives: they arrive late, and offset."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.randomization.ranges import check_widths


@dataclass(frozen=True)
class CommandErrors:
    """How drives misunderstand a policy; all 0 is off."""

    joint_bias: float = 0.0
    """Largest offset of a joint's target, either way, rad; drawn once per world and joint."""
    delay: tuple[int, int] = (0, 0)
    """Fewest and most control steps by which targets arrive late; drawn once per episode. Until the first has arrived a
    robot holds what an action of 0 asked for at the start."""

    def __post_init__(self) -> None:
        check_widths("joint_bias", self.joint_bias)
        if not 0 <= self.delay[0] <= self.delay[1]:
            raise ProtoMotionsError(f"delay must be two rising numbers of control steps from 0, not {self.delay}")


class DelayLine:
    """Keeps the last targets of N worlds and hands out those that are due.

    Args:
        steps: Fewest and most control steps between sending and arrival.
        num_envs: Number N of worlds.
        num_joints: J.
        device: Where the tensors live.
    """

    def __init__(self, steps: tuple[int, int], num_envs: int, num_joints: int, device: torch.device) -> None:
        self._range = steps
        # The newest target comes first.
        self._sent = torch.zeros(num_envs, steps[1] + 1, num_joints, device=device)
        self.steps: Tensor = torch.full((num_envs,), steps[0], dtype=torch.long, device=device)
        """Delay of each world in this episode, control steps, long, [N]."""

    def begin(self, mask: Tensor, held: Tensor, generator: torch.Generator) -> None:
        """Draw the delays of episodes that begin where `mask` [N] is true, and send `held` [N, J] there."""
        low, high = self._range
        drawn = torch.randint(low, high + 1, self.steps.shape, generator=generator, device=self.steps.device)
        self.steps.copy_(torch.where(mask, drawn, self.steps))
        self._sent.copy_(torch.where(mask.view(-1, 1, 1), held.unsqueeze(1), self._sent))

    def pass_on(self, targets: Tensor) -> Tensor:
        """Send targets [N, J] and return those that arrive now, [N, J]."""
        self._sent.copy_(torch.cat((targets.unsqueeze(1), self._sent[:, :-1]), dim=1))
        index = self.steps.view(-1, 1, 1).expand(-1, 1, targets.shape[1])
        return self._sent.gather(1, index).squeeze(1)

# SPDX-License-Identifier: Apache-2.0
"""What ASE needs of an environment beside what AMP needs, checked before anything is stepped."""

from __future__ import annotations

from gymnasium import Space, spaces

from protomotions_algos.ase.conditioning import LATENT
from protomotions_algos.errors import AlgorithmError


def require_named_parts(space: Space) -> None:
    """Check that a latent can join the observations of this space.

    Raises:
        AlgorithmError: It isn't a Dict, or has a part of the latent's name.
    """
    if not isinstance(space, spaces.Dict):
        raise AlgorithmError(
            f"the observation is a {type(space).__name__} space, but ASE needs a Dict, whose parts can be told apart; "
            "name what the actor sees and what the discriminator sees, for instance 'state' and 'style'"
        )
    if LATENT in space.spaces:
        raise AlgorithmError(
            f"the observation has a part named {LATENT!r}, which is the name of ASE's own; give it another name"
        )


def require_comparable_actions(space: Space, diversity_weight: float) -> None:
    """Check that actions have distances, where the diversity loss is wanted.

    Raises:
        AlgorithmError: They are choices.
    """
    if diversity_weight > 0.0 and not isinstance(space, spaces.Box):
        raise AlgorithmError(
            f"diversity_weight is {diversity_weight}, but the actions are a {type(space).__name__} space, whose "
            "distances mean nothing; set it to 0"
        )

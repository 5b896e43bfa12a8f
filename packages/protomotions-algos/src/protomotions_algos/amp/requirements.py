# SPDX-License-Identifier: Apache-2.0
"""What AMP needs of an environment and of the sizes of batches, checked before anything is stepped."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from gymnasium import Space, spaces
from gymnasium.vector import VectorEnv

from protomotions_algos.common.observations import ObservationEncoder
from protomotions_algos.common.protocols import DemonstrationSource, EpisodeEnder
from protomotions_algos.errors import AlgorithmError

_LARGEST_BATCH = 4096


def require_parts(space: Space, keys: Sequence[str] | None) -> None:
    """Raise AlgorithmError unless the parts that the discriminator is to see are in the observation."""
    if keys is None:
        return
    if not isinstance(space, spaces.Dict):
        raise AlgorithmError(
            f"discriminator_inputs is {list(keys)}, but the observation is a {type(space).__name__} without named "
            "parts; set it to None, to let the discriminator see the whole observation"
        )
    known = part_names(space)
    for key in keys:
        if not any(name == key or name.startswith(f"{key}.") for name in known):
            raise AlgorithmError(
                f"discriminator_inputs {key!r} is no part of the observation, which has: {', '.join(known)}; make the "
                "environment with what is to be imitated (motion clips, for instance), or name other parts"
            )


def demonstration_source(env: VectorEnv) -> DemonstrationSource:
    """Return the environment as what gives demonstrations.

    Raises:
        AlgorithmError: It gives none.
    """
    source = env.unwrapped
    if not isinstance(source, DemonstrationSource):
        raise AlgorithmError(
            f"{type(source).__name__} has no sample_demonstrations(count, generator), so there is nothing to imitate; "
            "give it one (protomotions_algos.common.protocols.DemonstrationSource), or train with PPO"
        )
    return source


def episode_ender(env: VectorEnv) -> EpisodeEnder:
    """Return the environment as what lets episodes be ended.

    Raises:
        AlgorithmError: It doesn't.
    """
    ender = env.unwrapped
    if not isinstance(ender, EpisodeEnder):
        raise AlgorithmError(
            f"ending_threshold is above 0, but {type(ender).__name__} has no end_episodes(mask); give it one "
            "(protomotions_algos.common.protocols.EpisodeEnder), or set ending_threshold to 0"
        )
    return ender


def discriminator_batch_size(wanted: int | None, batch_size: int) -> int:
    """Return the samples per update of the discriminator.

    Raises:
        AlgorithmError: More are wanted than a minibatch has.
    """
    if wanted is None:
        return min(batch_size, _LARGEST_BATCH)
    if wanted > batch_size:
        raise AlgorithmError(
            f"discriminator_batch_size is {wanted}, but a minibatch has {batch_size} samples; "
            f"set it to {batch_size} or less, or raise batch_size"
        )
    return wanted


def other_parts(space: Space, keys: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names of the parts of an observation that the discriminator doesn't see; None for all of it.

    Raises:
        AlgorithmError: Nothing is left for the actor.
    """
    if keys is None or not isinstance(space, spaces.Dict):
        return None
    seen = part_names(space, keys)
    left = tuple(name for name in part_names(space) if name not in seen)
    if not left:
        raise AlgorithmError(
            f"discriminator_inputs {list(keys)} are all parts of the observation, which leaves none for the actor; "
            "name what it sees in actor_inputs and critic_inputs"
        )
    return left


def part_names(space: Space, keys: Sequence[str] | None = None) -> list[str]:
    """Return the names of the leaves of an observation, or of those that the keys select."""
    return [part.name for part in ObservationEncoder(space, keys, device=torch.device("cpu")).parts]

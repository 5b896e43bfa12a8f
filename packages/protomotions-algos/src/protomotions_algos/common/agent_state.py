# SPDX-License-Identifier: Apache-2.0
"""An agent as plain data and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from protomotions_algos.common.protocols import StateDict
from protomotions_algos.common.random_states import global_random_states, restore_global_random_states
from protomotions_algos.errors import CheckpointError

if TYPE_CHECKING:
    from protomotions_algos.common.on_policy import OnPolicyAgent


def pack_agent(agent: OnPolicyAgent) -> StateDict:
    """Return all that a resumed run needs."""
    return {
        "modules": {name: module.state_dict() for name, module in agent.modules().items()},
        "optimizers": {name: optimizer.state_dict() for name, optimizer in agent.optimizers().items()},
        "generator": agent.generator.get_state(),
        "random": global_random_states(),
        "statistics": agent.statistics.state_dict(),
        "epoch": agent.epoch,
        "env_steps": agent.env_steps,
        "best_score": agent.best_score,
    }


def unpack_agent(agent: OnPolicyAgent, state: Mapping[str, object]) -> None:
    """Put a packed state into an agent with the same networks.

    Raises:
        CheckpointError: Something is missing or has another shape; the agent is then as it was.
    """
    modules = agent.modules()
    saved_modules = _section(state, "modules", modules)
    saved_optimizers = _section(state, "optimizers", agent.optimizers())
    for name, module in modules.items():
        _require_same_shapes(name, module, saved_modules[name])
    for name, module in modules.items():
        module.load_state_dict(saved_modules[name])
    for name, optimizer in agent.optimizers().items():
        optimizer.load_state_dict(saved_optimizers[name])
    agent.statistics.load_state_dict(state["statistics"])  # ty: ignore[invalid-argument-type]
    agent.epoch = int(state["epoch"])  # ty: ignore[invalid-argument-type]
    agent.env_steps = int(state["env_steps"])  # ty: ignore[invalid-argument-type]
    agent.best_score = state["best_score"]  # ty: ignore[invalid-assignment]
    restore_global_random_states(state["random"])  # ty: ignore[invalid-argument-type]
    restore_generator(agent.generator, state["generator"], agent.seed + 1_000_003 * agent.epoch)


def _section(state: Mapping[str, object], name: str, wanted: Mapping[str, object]) -> Mapping:
    """Return a part of the state that must hold an entry for each wanted name."""
    section = state.get(name)
    given = list(section) if isinstance(section, Mapping) else []
    if not isinstance(section, Mapping) or sorted(given) != sorted(wanted):
        raise CheckpointError(
            f"the checkpoint's {name} are {given or 'missing'}, expected {list(wanted)}; "
            "it is of another algorithm or other settings: train with those, or begin a new experiment"
        )
    return section


def _require_same_shapes(name: str, module: nn.Module, saved: Mapping[str, Tensor]) -> None:
    """Raise CheckpointError if the saved tensors of a network have other names or shapes."""
    own = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    given = {key: tuple(value.shape) for key, value in saved.items()}
    for key in sorted(own.keys() | given.keys()):
        if own.get(key) != given.get(key):
            raise CheckpointError(
                f"the checkpoint's {name}.{key} has shape {given.get(key, 'none')}, this run's has "
                f"{own.get(key, 'none')}; the networks or the observations differ: use the settings that it was "
                "trained with, or begin a new experiment"
            )


def restore_generator(generator: torch.Generator, saved: object, seed: int) -> None:
    """Continue a generator from its saved state; one of another kind of device begins anew from `seed`."""
    if isinstance(saved, Tensor) and saved.numel() == generator.get_state().numel():
        generator.set_state(saved)
    else:
        generator.manual_seed(seed)

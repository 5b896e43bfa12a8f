# SPDX-License-Identifier: Apache-2.0
"""What changed between two sets of settings, and which changes a resumed run can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from protomotions_cli.configuration.plain import flatten

ABSENT = "(not set)"
"""Stands for the value of a key that one side lacks."""

_NETWORK = "the networks in the checkpoint are built for the old value"
_RESTORED = "a resumed run goes on with the checkpoint's own"

# Why a key can't change while a run goes on; every other key can. The first pattern that fits counts.
_FIXED: dict[str, str] = {
    "env.robot": _NETWORK,
    "env.task.name": _NETWORK,
    "env.task.observations*": _NETWORK,
    "env.task.future_steps*": _NETWORK,
    "env.task.style_steps*": _NETWORK,
    "env.task.action": "the policy in the checkpoint learned what its actions mean",
    "env.task.action_scale": "the policy in the checkpoint learned what its actions mean",
    "agent.algorithm": _NETWORK,
    "agent.*hidden_units*": _NETWORK,
    "agent.actor_inputs*": _NETWORK,
    "agent.critic_inputs*": _NETWORK,
    "agent.discriminator_inputs*": _NETWORK,
    "agent.latent_dim": _NETWORK,
    "agent.learn_std": _NETWORK,
    "agent.activation": _NETWORK,
    "agent.normalize_*": _NETWORK,
    "agent.initial_std": _RESTORED + " standard deviation",
    "seed": _RESTORED + " random streams",
}


@dataclass(frozen=True)
class Change:
    """One setting that differs."""

    key: str
    """Dotted path."""
    old: object
    """Value of the earlier run, or ABSENT."""
    new: object
    """Value asked for now, or ABSENT."""

    @property
    def reason_to_refuse(self) -> str | None:
        """Why a resumed run can't take this change; None where it can."""
        return next((reason for pattern, reason in _FIXED.items() if fnmatchcase(self.key, pattern)), None)

    def __str__(self) -> str:
        return f"{self.key}: {self.old} -> {self.new}"


def compare(old: Mapping[str, object], new: Mapping[str, object]) -> list[Change]:
    """Return what differs between two nested mappings of plain data, in the order of `new`, then of `old`."""
    before, after = flatten(old), flatten(new)
    keys = [*after, *(key for key in before if key not in after)]
    pairs = [Change(key, before.get(key, ABSENT), after.get(key, ABSENT)) for key in keys]
    return [change for change in pairs if change.old != change.new]

# SPDX-License-Identifier: Apache-2.0
"""Adversarial skill embeddings."""

from protomotions_algos.ase.ase import ASE
from protomotions_algos.ase.config import ASEConfig
from protomotions_algos.ase.sphere import slerp

__all__ = ["ASE", "ASEConfig", "slerp"]

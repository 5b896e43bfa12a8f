# SPDX-License-Identifier: Apache-2.0
"""Adversarial differential discriminators."""

from protomotions_algos.add.add import ADD
from protomotions_algos.add.config import ADDConfig

__all__ = ["ADD", "ADDConfig"]

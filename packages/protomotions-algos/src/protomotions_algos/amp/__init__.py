# SPDX-License-Identifier: Apache-2.0
"""Adversarial motion priors."""

from protomotions_algos.amp.amp import AMP
from protomotions_algos.amp.config import AMPConfig

__all__ = ["AMP", "AMPConfig"]

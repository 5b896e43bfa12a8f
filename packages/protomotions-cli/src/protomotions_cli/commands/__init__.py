# SPDX-License-Identifier: Apache-2.0
"""The commands, one module each; they import torch and the simulators only when they run."""

# SPDX-License-Identifier: Apache-2.0
"""Readers of motion that is already a robot's: joint angles."""

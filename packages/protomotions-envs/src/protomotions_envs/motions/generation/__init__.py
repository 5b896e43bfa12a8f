# SPDX-License-Identifier: Apache-2.0
"""Motions made by inverse kinematics; needs the optional packages of `protomotions-envs[retarget]`."""

from __future__ import annotations

from protomotions_envs.motions.generation.clips import clip_names, generate_builtin_clips, generate_clip

__all__ = ["clip_names", "generate_builtin_clips", "generate_clip"]

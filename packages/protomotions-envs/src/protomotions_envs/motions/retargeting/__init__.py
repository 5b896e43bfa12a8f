# SPDX-License-Identifier: Apache-2.0
"""Human motion for robots by inverse kinematics; needs the optional packages of `protomotions-envs[retarget]`."""

from __future__ import annotations

from protomotions_envs.motions.retargeting.person_to_robot import retarget, retarget_with_report
from protomotions_envs.motions.retargeting.report import RetargetReport

__all__ = ["RetargetReport", "retarget", "retarget_with_report"]

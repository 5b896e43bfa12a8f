# SPDX-License-Identifier: Apache-2.0
"""What holds of anyone's walk, whatever file it comes from."""

import numpy as np

from protomotions_envs.motions.skeleton import SkeletonMotion

UP = np.array([0.0, 0.0, 1.0])


def check_walk(clip: SkeletonMotion, legs: dict[str, tuple[str, str, str, str]], head: str) -> None:
    """Assert that a person walks upright, forwards, on the ground z = 0, on legs that are on their sides.

    Args:
        clip: The walk, straight ahead.
        legs: Joints at the hip, knee, ankle and tip of the foot of each side, left and right.
        head: Joint of the head.
    """
    positions, _ = clip.world_poses()

    def at(joint: str) -> np.ndarray:
        return positions[:, clip.skeleton.joint_names.index(joint)]

    path = (positions[-1, 0] - positions[0, 0]) * [1, 1, 0]
    assert 0.95 <= np.linalg.norm(path) / clip.duration <= 1.6
    forward = path / np.linalg.norm(path)
    left = np.cross(UP, forward)
    assert 0.8 <= positions[:, 0, 2].mean() <= 1.05
    assert (at(head)[:, 2] - positions[:, 0, 2] > 0.4).all()
    left_leg, right_leg = legs["left"], legs["right"]
    for one, other in zip(left_leg, right_leg, strict=True):
        assert ((at(one) - at(other)) @ left).mean() > 0.05
    for hip, knee, ankle, toe in legs.values():
        assert -0.03 <= at(toe)[:, 2].min() <= 0.05
        assert at(toe)[:, 2].max() <= 0.3
        assert ((at(toe) - at(ankle)) @ forward).mean() > 0.08
        # The turn from the thigh's direction to the shank's is about the axis to the left: knees bend backwards.
        bend = np.cross(at(knee) - at(hip), at(ankle) - at(knee)) @ left
        assert bend.max() > 0.08
        assert bend.min() > -0.02

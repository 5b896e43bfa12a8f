# SPDX-License-Identifier: Apache-2.0
"""Lowest points of shapes, against heights worked out by hand."""

import mujoco
import pytest

from protomotions_envs.robots.extent import lowest_points

# Each shape is at z = 1.
SHAPES = [
    ('type="sphere" size="0.1"', 0.9),
    ('type="capsule" size="0.1 0.3"', 0.6),
    # On its side only the radius reaches down.
    ('type="capsule" size="0.1 0.3" euler="90 0 0"', 0.9),
    # The rim of a cylinder tilted by 30 degrees: 0.3 cos 30 + 0.1 sin 30.
    ('type="cylinder" size="0.1 0.3" euler="30 0 0"', 1 - 0.3098),
    ('type="ellipsoid" size="0.1 0.2 0.3" euler="90 0 0"', 0.8),
    # A corner of a box tilted by 45 degrees: (0.2 + 0.3) / sqrt 2.
    ('type="box" size="0.1 0.2 0.3" euler="45 0 0"', 1 - 0.3536),
    # The base of a tetrahedron is where its file puts it, whatever the centroid.
    ('type="mesh" mesh="tetrahedron"', 1.0),
    ('type="mesh" mesh="tetrahedron" euler="180 0 0"', 0.6),
]


def _state(shapes: str) -> tuple[mujoco.MjModel, mujoco.MjData]:
    model = mujoco.MjModel.from_xml_string(f"""<mujoco>
      <asset><mesh name="tetrahedron" vertex="0 0 0.4  0.3 0 0  -0.3 0.3 0  -0.3 -0.3 0"/></asset>
      <worldbody><body name="ball" pos="0 0 1">{shapes}</body></worldbody></mujoco>""")
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    return model, data


@pytest.mark.parametrize(("shape", "height"), SHAPES)
def test_lowest_point_of_a_shape(shape, height):
    """The support function of each kind of shape."""
    model, data = _state(f"<geom {shape}/>")
    assert lowest_points(model, data) == {"ball": pytest.approx(height, abs=1e-4)}


def test_lowest_of_several_shapes_that_collide():
    """The lower of two shapes counts, a drawn-only one doesn't."""
    model, data = _state(
        '<geom size="0.1"/><geom size="0.2" pos="0 0 0.5"/><geom size="0.5" contype="0" conaffinity="0"/>'
    )
    assert lowest_points(model, data) == {"ball": pytest.approx(0.9)}
    assert lowest_points(model, data, bodies=["another"]) == {}

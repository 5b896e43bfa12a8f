# SPDX-License-Identifier: Apache-2.0
"""Rotations against hand-computed values and MuJoCo's own quaternion routines."""

import math

import mujoco
import numpy as np
import torch

from protomotions_envs import rotations

QUARTER_TURN_Z = torch.tensor([math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5)])


def random_quaternions(count: int, seed: int = 0) -> torch.Tensor:
    """Uniformly random unit quaternions."""
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, 4, generator=generator), dim=-1)


def test_quarter_turn_takes_x_to_y():
    """A quarter turn about z takes x to y, and its inverse takes it back."""
    x, y = torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])
    torch.testing.assert_close(rotations.rotate(QUARTER_TURN_Z, x), y)
    torch.testing.assert_close(rotations.rotate(rotations.conjugate(QUARTER_TURN_Z), y), x)


def test_product_and_rotation_agree_with_mujoco():
    """Products and rotated vectors are those of MuJoCo."""
    a, b = random_quaternions(20, 1), random_quaternions(20, 2)
    v = torch.randn(20, 3, generator=torch.Generator().manual_seed(3))
    for i in range(20):
        product, rotated = np.zeros(4), np.zeros(3)
        mujoco.mju_mulQuat(product, a[i].double().numpy(), b[i].double().numpy())
        mujoco.mju_rotVecQuat(rotated, v[i].double().numpy(), a[i].double().numpy())
        np.testing.assert_allclose(rotations.multiply(a, b)[i], product, atol=1e-6)
        np.testing.assert_allclose(rotations.rotate(a, v)[i], rotated, atol=1e-5)


def test_axes_are_columns_of_the_rotation_matrix():
    """The x and z axes are the rotated unit vectors."""
    q = random_quaternions(10)
    x_axis, z_axis = rotations.x_and_z_axes(q)
    torch.testing.assert_close(x_axis, rotations.rotate(q, torch.tensor([1.0, 0.0, 0.0]).expand(10, 3)))
    torch.testing.assert_close(rotations.z_axis(q), z_axis)
    torch.testing.assert_close(z_axis, rotations.rotate(q, torch.tensor([0.0, 0.0, 1.0]).expand(10, 3)))


def test_angle_between_is_exact_at_small_and_large_angles():
    """A rotation by an angle lies that angle away from the identity, with either sign of the quaternion."""
    angles = torch.tensor([0.0, 1e-4, 0.5, math.pi / 2, 3.0])
    vectors = angles.unsqueeze(-1) * torch.tensor([0.0, 0.6, 0.8])
    q = rotations.axis_angle(vectors)
    identity = torch.tensor([1.0, 0.0, 0.0, 0.0]).expand(5, 4)
    torch.testing.assert_close(rotations.angle_between(identity, q), angles, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(rotations.angle_between(identity, -q), angles, atol=1e-6, rtol=1e-5)


def test_rotation_vector_is_the_inverse_of_axis_angle():
    """From no turn to nearly half of one, for both signs of the quaternion; a longer way round becomes the shorter."""
    angles = torch.tensor([0.0, 1e-7, 1e-4, 0.5, math.pi / 2, 3.1])
    vectors = angles.unsqueeze(-1) * torch.tensor([0.0, 0.6, -0.8])
    q = rotations.axis_angle(vectors)
    torch.testing.assert_close(rotations.rotation_vector(q), vectors, atol=1e-9, rtol=1e-5)
    torch.testing.assert_close(rotations.rotation_vector(-q), vectors, atol=1e-9, rtol=1e-5)
    most = rotations.axis_angle(torch.tensor([0.0, 0.0, 2.0 * math.pi - 0.5]))
    torch.testing.assert_close(rotations.rotation_vector(most), torch.tensor([0.0, 0.0, -0.5]))


def test_heading_keeps_only_yaw():
    """The heading of yaw * pitch is the yaw; a vertical x axis has some heading, of length one."""
    yaw = rotations.axis_angle(torch.tensor([0.0, 0.0, 0.7]))
    pitch = rotations.axis_angle(torch.tensor([0.0, 0.4, 0.0]))
    found = rotations.heading(rotations.multiply(yaw, pitch))
    torch.testing.assert_close(found, torch.tensor([math.cos(0.7), math.sin(0.7)]))
    vertical = rotations.axis_angle(torch.tensor([0.0, -math.pi / 2, 0.0]))
    torch.testing.assert_close(rotations.heading(vertical).norm(), torch.tensor(1.0))


def test_heading_frame_undoes_yaw():
    """A vector along the heading is x in the heading frame; z stays."""
    yaw = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    v = torch.tensor([[[0.0, 2.0, 5.0]], [[3.0, 0.0, 1.0]]])
    expected = torch.tensor([[[2.0, 0.0, 5.0]], [[3.0, 0.0, 1.0]]])
    torch.testing.assert_close(rotations.turn_into_heading_frame(yaw, v.transpose(1, 2)), expected.transpose(1, 2))


def test_slerp_moves_at_constant_angular_speed_on_the_shorter_arc():
    """A third of the way between two rotations is a third of the angle, whatever the signs."""
    a, b = random_quaternions(10, 4), random_quaternions(10, 5)
    whole = rotations.angle_between(a, b)
    middle = rotations.slerp(a, -b, torch.full((10,), 1 / 3))
    torch.testing.assert_close(rotations.angle_between(a, middle), whole / 3, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(rotations.slerp(a, a, torch.full((10,), 0.5)), a)


def test_heading_frame_is_the_inverse_of_the_turn():
    """Random vectors turned back by the quaternion of the yaw; the components are overwritten."""
    generator = torch.Generator().manual_seed(0)
    angle = torch.randn(5, generator=generator)
    vectors = torch.randn(5, 7, 3, generator=generator)
    back = rotations.axis_angle(torch.stack((0 * angle, 0 * angle, -angle), dim=1)).unsqueeze(1).expand(5, 7, 4)
    components = vectors.transpose(1, 2).clone()
    turned = rotations.turn_into_heading_frame(torch.stack((angle.cos(), angle.sin()), dim=1), components)
    assert turned is components
    torch.testing.assert_close(turned.transpose(1, 2), rotations.rotate(back, vectors))


def test_squared_length_sums_the_last_axis():
    """1 + 4 + 4 = 9, and a quaternion's four squares count too."""
    torch.testing.assert_close(rotations.squared_length(torch.tensor([[1.0, 2.0, -2.0]])), torch.tensor([9.0]))
    torch.testing.assert_close(rotations.squared_length(2.0 * random_quaternions(10)), torch.full((10,), 4.0))

# SPDX-License-Identifier: Apache-2.0
"""Rotations as unit quaternions wxyz, [..., 4]; every function is elementwise, so results don't depend on threads.

Functions take components apart and work on each as a whole, so they are fastest where a component's values lie side by
side in memory, as in `RobotState`; vectors and quaternions that they return lie so too.
"""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor


def multiply(a: Tensor, b: Tensor) -> Tensor:
    """Return the Hamilton product a b, the rotation b followed by a."""
    aw, ax, ay, az = a.unbind(-1)
    bw, bx, by, bz = b.unbind(-1)
    return _join(
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def conjugate(q: Tensor) -> Tensor:
    """Return the inverse rotation."""
    w, x, y, z = q.unbind(-1)
    return _join(w, -x, -y, -z)


def rotate(q: Tensor, v: Tensor) -> Tensor:
    """Rotate vectors v [..., 3] by q."""
    w, u = q[..., :1], q[..., 1:]
    t = 2.0 * torch.linalg.cross(u, v)
    return v + w * t + torch.linalg.cross(u, t)


def angle_between(a: Tensor, b: Tensor) -> Tensor:
    """Return the angle of the rotation from a to b, rad in [0, pi], [...]."""
    # The chord between unit quaternions keeps its precision at small angles, where arccos of the dot product has none;
    # q and -q are the same rotation, so the nearer of the two counts.
    chord = torch.minimum(squared_length(a - b), squared_length(a + b)).sqrt()
    return 4.0 * torch.asin(0.5 * chord)


def squared_length(v: Tensor) -> Tensor:
    """Return the sum of squares over the few components on the last axis, [...]."""
    # PyTorch's own sum and norm are slow over an axis that isn't the innermost in memory.
    first, *others = v.square().unbind(-1)
    return functools.reduce(torch.add, others, first)


def axis_angle(vector: Tensor) -> Tensor:
    """Return the quaternion of a rotation vector [..., 3], rad (the exponential map)."""
    half = 0.5 * vector.norm(dim=-1, keepdim=True)
    # sinc is smooth at zero: sin(half)/half.
    return torch.cat((torch.cos(half), 0.5 * torch.sinc(half / torch.pi) * vector), dim=-1)


def rotation_vector(q: Tensor) -> Tensor:
    """Return axis times angle, [..., 3], rad, at most pi long: the inverse of `axis_angle` (the logarithmic map)."""
    w, *vector = q.unbind(-1)
    sine = squared_length(q[..., 1:]).sqrt()
    # q and -q are the same rotation; of the two the one by at most pi is wanted. Towards zero angle / sine becomes 2.
    angle = 2.0 * torch.atan2(sine, w.abs())
    factor = torch.where(sine < 1e-6, 2.0, angle / sine.clamp(min=1e-6))
    factor = torch.where(w < 0.0, -factor, factor)
    return _join(*(factor * part for part in vector))


def x_and_z_axes(q: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rotated unit vectors x and z, [..., 3] each: the first and last column of the rotation matrix."""
    # Scaled by the square root of two, products of components are the doubled ones that the matrix is made of. On a CPU
    # the number of operations decides, so products are fused into sums.
    w, x, y, z = (math.sqrt(2.0) * q).unbind(-1)
    xz, wy, diagonal = x * z, w * y, w * w - 1.0
    x_axis = (torch.addcmul(diagonal, x, x), torch.addcmul(x * y, w, z), xz - wy)
    z_axis = (xz + wy, torch.addcmul(y * z, w, x, value=-1.0), torch.addcmul(diagonal, z, z))
    return _join(*x_axis), _join(*z_axis)


def z_axis(q: Tensor) -> Tensor:
    """Return the rotated unit vector z, [..., 3]."""
    w, x, y, z = (math.sqrt(2.0) * q).unbind(-1)
    left = torch.addcmul(y * z, w, x, value=-1.0)
    return _join(torch.addcmul(x * z, w, y), left, torch.addcmul(w * w - 1.0, z, z))


def yaw_angle(q: Tensor) -> Tensor:
    """Return the yaw of the rotated x axis, rad, [...]; where that axis is vertical, any yaw."""
    w, x, y, z = q.unbind(-1)
    half_forward, half_left = torch.addcmul(w * w, x, x) - 0.5, torch.addcmul(x * y, w, z)
    return torch.atan2(half_left, half_forward)


def direction(yaw: Tensor) -> Tensor:
    """Return cos and sin of angles [...], rad, [..., 2]."""
    return _join(yaw.cos(), yaw.sin())


def heading(q: Tensor) -> Tensor:
    """Return cos and sin of the yaw of the rotated x axis, [..., 2]; where that axis is vertical, of any yaw."""
    return direction(yaw_angle(q))


def turn_into_heading_frame(yaw: Tensor, components: Tensor) -> Tensor:
    """Express n world vectors, given as components x, y, z [N, 3, n], in the frame turned about z by yaw, in place.

    Args:
        yaw: cos and sin, [N, 2]; see `heading`.
        components: Overwritten, and returned.
    """
    (x, y, _), (cos, sin) = components.unbind(1), yaw.unsqueeze(-1).unbind(1)
    forward = torch.addcmul(cos * x, sin, y)
    y.mul_(cos).addcmul_(sin, x, value=-1.0)
    x.copy_(forward)
    return components


def slerp(a: Tensor, b: Tensor, blend: Tensor) -> Tensor:
    """Interpolate on the shorter arc from a to b; blend [...] in 0..1 (Shoemake 1985)."""
    dot = (a * b).sum(-1, keepdim=True)
    b = torch.where(dot < 0, -b, b)
    angle = torch.arccos(dot.abs().clamp(max=1.0))
    t = blend.unsqueeze(-1)
    sin = torch.sin(angle)
    # Nearly equal rotations: the arc is a chord, and the division by the sine would lose all digits.
    near = sin < 1e-4
    safe = torch.where(near, torch.ones_like(sin), sin)
    weight_a = torch.where(near, 1.0 - t, torch.sin((1.0 - t) * angle) / safe)
    weight_b = torch.where(near, t, torch.sin(t * angle) / safe)
    return torch.nn.functional.normalize(weight_a * a + weight_b * b, dim=-1)


def _join(*components: Tensor) -> Tensor:
    """Stack components [...] along a new last axis; in memory it is the last but one."""
    if components[0].dim() == 0:
        return torch.stack(components)
    return torch.stack(components, dim=-2).transpose(-1, -2)

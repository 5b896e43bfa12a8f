# SPDX-License-Identifier: Apache-2.0
"""Rotations as unit quaternions wxyz, [..., 4]; every function is elementwise, so results don't depend on threads."""

from __future__ import annotations

import torch
from torch import Tensor


def multiply(a: Tensor, b: Tensor) -> Tensor:
    """Return the Hamilton product a b, the rotation b followed by a."""
    aw, ax, ay, az = a.unbind(-1)
    bw, bx, by, bz = b.unbind(-1)
    return torch.stack(
        (
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ),
        dim=-1,
    )


def conjugate(q: Tensor) -> Tensor:
    """Return the inverse rotation."""
    return q * q.new_tensor([1.0, -1.0, -1.0, -1.0])


def rotate(q: Tensor, v: Tensor) -> Tensor:
    """Rotate vectors v [..., 3] by q."""
    w, u = q[..., :1], q[..., 1:]
    t = 2.0 * torch.linalg.cross(u, v)
    return v + w * t + torch.linalg.cross(u, t)


def rotate_inverse(q: Tensor, v: Tensor) -> Tensor:
    """Rotate vectors v [..., 3] by the inverse of q."""
    w, u = q[..., :1], q[..., 1:]
    t = 2.0 * torch.linalg.cross(u, v)
    return v - w * t + torch.linalg.cross(u, t)


def angle_between(a: Tensor, b: Tensor) -> Tensor:
    """Return the angle of the rotation from a to b, rad in [0, pi], [...]."""
    # The chord between unit quaternions keeps its precision at small angles, where arccos of the dot product has none;
    # q and -q are the same rotation, so the nearer of the two counts.
    opposite = (a * b).sum(-1, keepdim=True) < 0
    chord = torch.linalg.vector_norm(a - torch.where(opposite, -b, b), dim=-1)
    return 4.0 * torch.asin((0.5 * chord).clamp(max=1.0))


def axis_angle(vector: Tensor) -> Tensor:
    """Return the quaternion of a rotation vector [..., 3], rad (the exponential map)."""
    half = 0.5 * vector.norm(dim=-1, keepdim=True)
    # sinc is smooth at zero: sin(half)/half.
    return torch.cat((torch.cos(half), 0.5 * torch.sinc(half / torch.pi) * vector), dim=-1)


def x_and_z_axes(q: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rotated unit vectors x and z, [..., 3] each: the first and last column of the rotation matrix."""
    # Component by component in contiguous memory, where a CPU computes several numbers at once.
    w, x, y, z = q.movedim(-1, 0).contiguous()
    xz, yz, wx, wy, ww = x * z, y * z, w * x, w * y, 2.0 * w * w - 1.0
    x_axis = torch.stack((ww + 2.0 * x * x, 2.0 * (x * y + w * z), 2.0 * (xz - wy)), dim=-1)
    return x_axis, torch.stack((2.0 * (xz + wy), 2.0 * (yz - wx), ww + 2.0 * z * z), dim=-1)


def z_axis(q: Tensor) -> Tensor:
    """Return the rotated unit vector z, [..., 3]."""
    w, x, y, z = q.movedim(-1, 0).contiguous()
    return torch.stack((2.0 * (x * z + w * y), 2.0 * (y * z - w * x), 2.0 * (w * w + z * z) - 1.0), dim=-1)


def heading(q: Tensor) -> Tensor:
    """Return cos and sin of the yaw of the rotated x axis, [..., 2]; (1, 0) where that axis is vertical."""
    w, x, y, z = q.movedim(-1, 0).contiguous()
    forward, left = w * w + x * x - y * y - z * z, 2.0 * (x * y + w * z)
    # atan2 is 0 where both are, so a vertical axis needs no special case.
    yaw = torch.atan2(torch.where(left.abs() < 1e-6, 0.0, left), torch.where(forward.abs() < 1e-6, 0.0, forward))
    return torch.stack((yaw.cos(), yaw.sin()), dim=-1)


def to_heading_frame(yaw: Tensor, v: Tensor) -> Tensor:
    """Express world vectors v [N, ..., 3] in the frame turned about z by yaw [N, 2] (cos, sin)."""
    cos, sin = (c.reshape(-1, *[1] * (v.dim() - 2)) for c in yaw.unbind(-1))
    x, y, z = v.unbind(-1)
    return torch.stack((torch.addcmul(cos * x, sin, y), torch.addcmul(cos * y, sin, x, value=-1.0), z), dim=-1)


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

# SPDX-License-Identifier: Apache-2.0
"""Warp kernels between MuJoCo Warp's data and a simulator's tensors; one thread per world.

Quaternions are wxyz, as in MuJoCo.
"""

import warp as wp

wp.set_module_options({"enable_backward": False})


@wp.struct
class Tree:
    """The robot's bodies and hinges in MJCF order, parents before their children."""

    parent: wp.array[int]
    """Index of each body's parent, -1 for the root, [B]."""
    offset: wp.array[wp.vec3]
    """Position of each body in its parent, m, [B]."""
    turn: wp.array[wp.vec4]
    """Orientation of each body in its parent, [B]."""
    first_joint: wp.array[int]
    """Index of each body's first hinge, [B]."""
    joint_count: wp.array[int]
    """Number of each body's hinges, [B]."""
    axis: wp.array[wp.vec3]
    """Axis of each hinge in its body, [J]."""
    anchor: wp.array[wp.vec3]
    """A point on the axis in the hinge's body, m, [J]."""
    zero_angle: wp.array[float]
    """Angle at which each hinge doesn't turn its body, rad, [J]."""


@wp.func
def multiply(a: wp.vec4, b: wp.vec4) -> wp.vec4:
    """Return the Hamilton product a b."""
    u, v = wp.vec3(a[1], a[2], a[3]), wp.vec3(b[1], b[2], b[3])
    vector = a[0] * v + b[0] * u + wp.cross(u, v)
    return wp.vec4(a[0] * b[0] - wp.dot(u, v), vector[0], vector[1], vector[2])


@wp.func
def rotate(q: wp.vec4, v: wp.vec3) -> wp.vec3:
    """Rotate v by q."""
    u = wp.vec3(q[1], q[2], q[3])
    t = 2.0 * wp.cross(u, v)
    return v + q[0] * t + wp.cross(u, t)


@wp.func
def turned(axis: wp.vec3, angle: float) -> wp.vec4:
    """Return the rotation about a unit axis."""
    u = wp.sin(0.5 * angle) * axis
    return wp.vec4(wp.cos(0.5 * angle), u[0], u[1], u[2])


@wp.func
def take_vector(rows: wp.array2d[float], world: int, column: int, stride: int) -> wp.vec3:
    """Return a vector whose components lie `stride` columns apart."""
    return wp.vec3(rows[world, column], rows[world, column + stride], rows[world, column + 2 * stride])


@wp.func
def put_vector(rows: wp.array2d[float], world: int, column: int, stride: int, v: wp.vec3):
    """Write a vector so that its components lie `stride` columns apart."""
    rows[world, column] = v[0]
    rows[world, column + stride] = v[1]
    rows[world, column + 2 * stride] = v[2]


@wp.func
def take_quaternion(rows: wp.array2d[float], world: int, column: int, stride: int) -> wp.vec4:
    """Return a quaternion whose components lie `stride` columns apart."""
    vector = take_vector(rows, world, column + stride, stride)
    return wp.vec4(rows[world, column], vector[0], vector[1], vector[2])


@wp.func
def put_quaternion(rows: wp.array2d[float], world: int, column: int, stride: int, q: wp.vec4):
    """Write a quaternion so that its components lie `stride` columns apart."""
    rows[world, column] = q[0]
    put_vector(rows, world, column + stride, stride, wp.vec3(q[1], q[2], q[3]))


@wp.kernel
def write_coordinates(
    mask: wp.array[bool],
    state: wp.array2d[float],
    qpos: wp.array2d[float],
    qvel: wp.array2d[float],
    ctrl: wp.array2d[float],
    warm_start: wp.array2d[float],
    sensors: wp.array2d[float],
):
    """Write rows of `ResetState` to MuJoCo's coordinates where `mask`, and forget what the solver knew."""
    world = wp.tid()
    if not mask[world]:
        return
    joints = ctrl.shape[1]
    for i in range(7 + joints):
        qpos[world, i] = state[world, i]
    for i in range(joints):
        ctrl[world, i] = state[world, 7 + i]
    for i in range(6 + joints):
        qvel[world, i] = state[world, 7 + joints + i]
        warm_start[world, i] = 0.0
    # MuJoCo's free joint takes the angular velocity in the body frame.
    inverse = wp.vec4(state[world, 3], -state[world, 4], -state[world, 5], -state[world, 6])
    put_vector(qvel, world, 3, 1, rotate(inverse, take_vector(state, world, 10 + joints, 1)))
    for i in range(sensors.shape[1]):
        sensors[world, i] = 0.0


@wp.kernel
def add_root_velocity(
    mask: wp.array[bool], change: wp.array2d[float], qpos: wp.array2d[float], qvel: wp.array2d[float]
):
    """Add linear and angular velocities, world frame, to those of the roots where `mask`."""
    world = wp.tid()
    if not mask[world]:
        return
    for i in range(3):
        qvel[world, i] += change[world, i]
    # MuJoCo's free joint takes the angular velocity in the body frame.
    q = wp.normalize(take_quaternion(qpos, world, 3, 1))
    inverse = wp.vec4(q[0], -q[1], -q[2], -q[3])
    spin = rotate(inverse, take_vector(change, world, 3, 1))
    for i in range(3):
        qvel[world, 3 + i] += spin[i]


@wp.kernel
def read_state(
    mask: wp.array[bool],
    tree: Tree,
    feet: wp.array[int],
    speed_limit: float,
    qpos: wp.array2d[float],
    qvel: wp.array2d[float],
    force: wp.array2d[float],
    passive: wp.array2d[float],
    sensors: wp.array2d[float],
    overflow_bits: int,
    overflow: wp.array[int],
    rows: wp.array2d[float],
    torque: wp.array2d[float],
    broken: wp.array[bool],
    overflowed: wp.array[bool],
):
    """Write the state of worlds in `mask` to rows in the order of `StateLayout`: forward kinematics and its velocities.

    A child's angular velocity is its parent's plus those of its hinges; its origin moves with the parent, then with
    each hinge about the hinge's anchor (Featherstone 2008, section 4.4, in world coordinates).
    """
    world = wp.tid()
    if not mask[world]:
        return
    joints, bodies = torque.shape[1], tree.parent.shape[0]
    positions = 2 * joints
    rotations = positions + 3 * bodies
    linear = rotations + 4 * bodies
    angular = linear + 3 * bodies
    contacts = angular + 3 * bodies
    # Comparisons with NaN are false, so this also catches worlds that are not finite.
    sound = bool(True)
    for i in range(7 + joints):
        sound = sound and wp.isfinite(qpos[world, i])
    for i in range(6 + joints):
        sound = sound and wp.abs(qvel[world, i]) < speed_limit
    broken[world] = not sound
    overflowed[world] = (overflow[world] & overflow_bits) != 0
    overflow[world] = 0
    for i in range(joints):
        rows[world, i] = qpos[world, 7 + i]
        rows[world, joints + i] = qvel[world, 6 + i]
        torque[world, i] = force[world, i] + passive[world, 6 + i]
    p = take_vector(qpos, world, 0, 1)
    q = wp.normalize(take_quaternion(qpos, world, 3, 1))
    v = take_vector(qvel, world, 0, 1)
    w = rotate(q, take_vector(qvel, world, 3, 1))
    for body in range(bodies):
        parent = tree.parent[body]
        if parent >= 0:
            # Most bodies hang on the one before them, whose state is still at hand.
            if parent != body - 1:
                p = take_vector(rows, world, positions + parent, bodies)
                q = take_quaternion(rows, world, rotations + parent, bodies)
                v = take_vector(rows, world, linear + parent, bodies)
                w = take_vector(rows, world, angular + parent, bodies)
            arm = rotate(q, tree.offset[body])
            v += wp.cross(w, arm)
            p += arm
            q = multiply(q, tree.turn[body])
            first = tree.first_joint[body]
            for joint in range(first, first + tree.joint_count[body]):
                angle = qpos[world, 7 + joint] - tree.zero_angle[joint]
                lever = rotate(q, tree.anchor[joint])
                v += wp.cross(w, lever)
                p += lever
                w += qvel[world, 6 + joint] * rotate(q, tree.axis[joint])
                q = multiply(q, turned(tree.axis[joint], angle))
                lever = rotate(q, tree.anchor[joint])
                v -= wp.cross(w, lever)
                p -= lever
            q = wp.normalize(q)
        put_vector(rows, world, positions + body, bodies, p)
        put_quaternion(rows, world, rotations + body, bodies, q)
        put_vector(rows, world, linear + body, bodies, v)
        put_vector(rows, world, angular + body, bodies, w)
        rows[world, contacts + body] = 0.0
    for i in range(feet.shape[0]):
        rows[world, contacts + feet[i]] = wp.where(sensors[world, i] > 0.0, 1.0, 0.0)

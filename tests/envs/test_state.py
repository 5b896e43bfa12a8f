# SPDX-License-Identifier: Apache-2.0
"""States as rows of numbers: which column is what, by hand."""

import torch

from protomotions_envs.state import Outlook, ResetState, RobotState, StateLayout, rest_state, rows_of, write_rows

CPU = torch.device("cpu")
LAYOUT = StateLayout(num_joints=2, num_bodies=2)
COORDINATES = {
    "root_pos": [0.0, 1.0, 2.0],
    "root_rot": [3.0, 4.0, 5.0, 6.0],
    "joint_pos": [7.0, 8.0],
    "root_lin_vel": [9.0, 10.0, 11.0],
    "root_ang_vel": [12.0, 13.0, 14.0],
    "joint_vel": [15.0, 16.0],
}


def counted() -> tuple[torch.Tensor, RobotState]:
    """A row that holds the numbers of its own columns, and its fields."""
    rows = torch.arange(32.0).unsqueeze(0)
    return rows, LAYOUT.split(rows)


def test_columns_of_a_state():
    """Joints first, then x of both bodies, y of both, z of both, and so on for each quantity of bodies."""
    assert LAYOUT.widths == (2, 2, 6, 8, 6, 6, 2)
    _, state = counted()
    assert {name: field[0].tolist() for name, field in vars(state).items()} == {
        "joint_pos": [0, 1],
        "joint_vel": [2, 3],
        "body_pos": [[4, 6, 8], [5, 7, 9]],
        "body_rot": [[10, 12, 14, 16], [11, 13, 15, 17]],
        "body_lin_vel": [[18, 20, 22], [19, 21, 23]],
        "body_ang_vel": [[24, 26, 28], [25, 27, 29]],
        "body_contact": [30, 31],
    }


def test_the_root_is_the_first_body():
    """Its columns are every second one of a robot with two bodies."""
    _, state = counted()
    assert state.root_pos.tolist() == [[4, 6, 8]]
    assert state.root_rot.tolist() == [[10, 12, 14, 16]]
    assert state.root_lin_vel.tolist() == [[18, 20, 22]]
    assert state.root_ang_vel.tolist() == [[24, 26, 28]]


def test_bodies_takes_components_apart():
    """Two robots with two bodies and a quantity of three components."""
    columns = torch.tensor([[1, 2, 10, 20, 100, 200], [3, 4, 30, 40, 300, 400]])
    expected = [[[1, 10, 100], [2, 20, 200]], [[3, 30, 300], [4, 40, 400]]]
    assert LAYOUT.bodies(columns).tolist() == expected


def test_fields_are_views_of_the_rows():
    """Writing to any field changes its columns and no others."""
    rows, state = counted()
    state.body_pos[0, 1, 2] = -1.0
    assert rows[0, 9] == -1.0
    state.root_rot[0] = torch.tensor([1.0, 0.0, 0.0, 0.0])
    assert rows[0, 10:18].tolist() == [1, 11, 0, 13, 0, 15, 0, 17]
    for value, field in enumerate(vars(state).values()):
        field.fill_(float(value))
    assert rows[0].tolist() == [0] * 2 + [1] * 2 + [2] * 6 + [3] * 8 + [4] * 6 + [5] * 6 + [6] * 2


def test_empty_rows_are_zeros():
    """One row per robot, float32."""
    rows = LAYOUT.empty(3, CPU)
    assert rows.dtype == torch.float32
    assert torch.equal(rows, torch.zeros(3, 32))


def test_coordinates_lie_in_the_order_of_their_names():
    """Positions before velocities; what is joined is what is read, whatever the order of the arguments."""
    given = {name: torch.tensor([values]) for name, values in reversed(COORDINATES.items())}
    state = ResetState.of(**given)
    assert torch.equal(state.rows, torch.arange(17.0).unsqueeze(0))
    assert state.num_joints == 2
    for name, values in COORDINATES.items():
        assert getattr(state, name).tolist() == [values], name
    positional = ResetState.of(*(given[name] for name in COORDINATES))
    assert torch.equal(positional.rows, state.rows)


def test_coordinates_may_have_more_dimensions():
    """Several rows per robot, and properties that are views."""
    state = ResetState(torch.arange(17.0).repeat(3, 4, 1))
    for name, values in COORDINATES.items():
        assert torch.equal(getattr(state, name), torch.tensor(values).expand(3, 4, -1)), name
    state.root_ang_vel[2, 1] = -1.0
    assert state.rows[2, 1, 12:15].tolist() == [-1, -1, -1]
    assert (state.rows < 0).sum() == 3


def test_coordinates_of_a_state_are_a_copy():
    """Root and joints of the counted row, which may change afterwards."""
    rows, state = counted()
    found = ResetState.from_state(state)
    rows.zero_()
    expected = [4, 6, 8, 10, 12, 14, 16, 0, 1, 18, 20, 22, 24, 26, 28, 2, 3]
    assert found.rows.tolist() == [expected]


def test_an_outlook_has_axes_for_the_rotation():
    """A root that faces left: its x axis is y, its z axis z; velocities of the root are left out."""
    coordinates = ResetState.of(
        root_pos=torch.tensor([[1.0, 2.0, 3.0]]),
        root_rot=torch.tensor([[0.5**0.5, 0.0, 0.0, 0.5**0.5]]),
        joint_pos=torch.tensor([[4.0, 5.0]]),
        root_lin_vel=torch.full((1, 3), 9.0),
        root_ang_vel=torch.full((1, 3), 9.0),
        joint_vel=torch.tensor([[6.0, 7.0]]),
    )
    found = Outlook.of(coordinates)
    expected = [1.0, 2.0, 3.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 4.0, 5.0, 6.0, 7.0]
    torch.testing.assert_close(found.rows, torch.tensor([expected]), atol=1e-6, rtol=0)
    parts = (found.root_pos, found.root_x_axis, found.root_z_axis, found.joint_pos, found.joint_vel)
    assert torch.equal(torch.cat(parts, dim=1), found.rows)


def test_positions_are_those_of_the_state():
    """X of both bodies, y of both, z of both."""
    rows, state = counted()
    assert LAYOUT.positions(rows).tolist() == [[4, 5, 6, 7, 8, 9]]
    assert torch.equal(LAYOUT.bodies(LAYOUT.positions(rows)), state.body_pos)


def test_rest_state_stands_upright_and_still(g1):
    """At the default height, in the default pose, in float32."""
    state = rest_state(g1, 3, CPU)
    assert state.rows.shape == (3, 13 + 2 * 29)
    assert state.rows.dtype == torch.float32
    height = torch.tensor([0.0, 0.0, g1.config.default_root_height])
    assert torch.equal(state.root_pos, height.expand(3, 3))
    assert state.root_rot.tolist() == [[1, 0, 0, 0]] * 3
    assert torch.equal(state.joint_pos, torch.as_tensor(g1.default_joint_pos).float().expand(3, -1))
    assert not state.root_lin_vel.any()
    assert not state.root_ang_vel.any()
    assert not state.joint_vel.any()


def test_rows_of_a_mask():
    """A CPU takes those in the mask; other devices take all without looking, here one whose tensors have no values."""
    found = rows_of(torch.tensor([False, True, True, False, True]))
    assert found.dtype == torch.long
    assert found.tolist() == [1, 2, 4]
    assert rows_of(torch.zeros(3, dtype=torch.bool)).tolist() == []
    assert rows_of(torch.zeros(3, dtype=torch.bool, device="meta")).shape == (3,)


def test_rows_are_written_where_the_mask_is():
    """Values stand for the rows that a CPU takes of the mask; the others keep what they have."""
    buffer, mask = torch.zeros(4, 2), torch.tensor([False, True, False, True])
    write_rows(buffer, mask, rows_of(mask), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert buffer.tolist() == [[0, 0], [1, 2], [0, 0], [3, 4]]

# SPDX-License-Identifier: Apache-2.0
"""Properties that are computed once, and that compiled functions can look at."""

from dataclasses import dataclass

import torch

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.lazy_property import lazy_property
from protomotions_envs.tasks.task import Transition


@dataclass(frozen=True)
class Square:
    """A square of a given side."""

    side: torch.Tensor

    @lazy_property
    def area(self) -> torch.Tensor:
        """Its area."""
        return self.side * self.side


def test_value_is_computed_once():
    """The second look finds the very tensor of the first; another object has its own; the class has the help text."""
    square = Square(torch.tensor(3.0))
    assert square.area == 9.0
    assert square.area is square.area
    assert Square(torch.tensor(2.0)).area == 4.0
    assert Square.area.__doc__ == "Its area."


def test_observations_and_rewards_compile_as_one_graph_each():
    """Nothing in the terms of motion tracking cuts the graph, and compiled terms have the same values."""
    env = HumanoidVectorEnv(2, simulator="mujoco", device="cpu")
    env.reset(seed=0)
    actions = torch.full((2, env.robot.num_joints), 0.1)
    env.step(actions)
    simulator, task = env.simulator, env.task
    view = task.view(simulator.state_rows, actions, simulator.state_rows)
    transition = Transition(simulator.state, simulator.joint_torque, actions, actions)
    for function, argument in ((task.observe, view), (task.judge, transition)):
        compiled = torch.compile(function, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(argument), function(argument))
    env.close()

# SPDX-License-Identifier: Apache-2.0
"""What holds of every task and robot: steps run, seeds decide, episodes end and begin cleanly in all modes."""

import gymnasium
import numpy as np
import pytest
import torch
from tests.envs.states import standing_motion

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots import load_robot, robot_names
from protomotions_envs.tasks import TASKS
from protomotions_envs.terms.style_features import style_features

FREE = [name for name in TASKS if name != "mimic"]
SHORT = 0.1
"""An episode of five control steps of the G1, s."""


def check_random_steps(env: HumanoidVectorEnv) -> None:
    """A hundred random steps: finite numbers of the promised sizes, and some episodes that end on the way."""
    env.reset(seed=0)
    env.action_space.seed(0)
    ended = torch.zeros(env.num_envs, dtype=torch.bool)
    for _ in range(100):
        parts, reward, terminated, truncated, info = env.step(env.action_space.sample())
        ended |= terminated | truncated
        assert {name: part.shape[1] for name, part in parts.items()} == env.observation_sizes
        assert all(part.isfinite().all() for part in (*parts.values(), *info["final_obs"].values(), reward))
        assert not info["broken"].any()
    assert ended.any()


@pytest.fixture(scope="module", params=robot_names())
def library(request):
    """A clip of a robot that stands."""
    robot = load_robot(request.param)
    return robot.name, MotionLibrary([standing_motion(robot)], robot, fps=1 / robot.control_dt)


@pytest.mark.parametrize("task", TASKS)
def test_every_robot_does_every_task_with_clips(task, library, make):
    """Tasks without a reference have the part `style` then."""
    robot, clips = library
    env = make(1, robot=robot, task=task, motion_library=clips, autoreset_mode="same_step", num_threads=1)
    assert ("style" in env.observation_sizes) == (task != "mimic")
    check_random_steps(env)


@pytest.mark.parametrize("task", [name for name in TASKS if not TASKS[name].needs_motion])
def test_tasks_without_clips(task, make):
    """With the default robot, for which there are clips, none is taken unasked."""
    env = make(2, task=task, autoreset_mode="same_step")
    assert env.motion_library is None
    assert "style" not in env.observation_sizes
    check_random_steps(env)


@pytest.fixture
def pair(make, moving_library):
    """Make environments of three worlds with the walk and the wave that differ in their mode only."""

    def factory(task: str, *modes: str, seconds: float = SHORT, seed: int = 0) -> list[HumanoidVectorEnv]:
        made = []
        for mode in modes:
            made.append(
                make(3, task=task, motion_library=moving_library, autoreset_mode=mode, max_episode_seconds=seconds)
            )
            made[-1].reset(seed=seed)
        return made

    return factory


def actions(steps: int) -> torch.Tensor:
    """Small random actions of three worlds."""
    return 0.2 * torch.randn(steps, 3, 29, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("task", FREE)
def test_final_observations_are_those_of_the_ended_episodes(pair, task):
    """In SAME_STEP they hold the episodes' own histories and goals: what DISABLED, where nothing is reset, shows."""
    same, plain = pair(task, "same_step", "disabled")
    for action in actions(5):
        observation, reward, _, truncated, info = same.step(action)
        expected, expected_reward, *_ = plain.step(action)
    assert truncated.all()
    assert torch.equal(reward, expected_reward)
    for name, part in expected.items():
        assert torch.equal(info["final_obs"][name], part), name
    # What is returned beside them is of the new episodes.
    assert not observation["previous_action"].any()
    for name in set(expected) - {"previous_action"}:
        assert (observation[name] != expected[name]).any(dim=1).all(), name


@pytest.mark.parametrize("task", FREE)
@pytest.mark.parametrize("mode", ["next_step", "same_step", "disabled"])
def test_histories_begin_with_episodes(pair, task, mode):
    """The newest moment is the robot as it stands; the oldest of a new episode is none of the last one's."""
    (env,) = pair(task, mode)
    for action in actions(5):
        before, *_, truncated, _ = env.step(action)
    assert truncated.all()
    if mode == "disabled":
        parts, _ = env.reset(options={"reset_mask": truncated})
    else:
        parts = before if mode == "same_step" else env.step(action)[0]
    newest, *_, oldest = parts["style"].unflatten(1, (4, -1)).unbind(1)
    keys = torch.tensor(env.robot.body_indices(env.robot.config.key_bodies))
    now = style_features(env.simulator.state, env.robot.anchor_index, keys)
    torch.testing.assert_close(newest, now)
    # Four control steps are too short to get far; the last episode began elsewhere.
    assert (newest - oldest)[:, 0].abs().max() < 0.05
    again = env.worlds.terms()
    assert all(torch.equal(part, again[name]) for name, part in parts.items())


@pytest.mark.parametrize("task", FREE)
def test_an_ended_world_leaves_the_others_alone(pair, task):
    """World 1 is ended from outside; the other worlds go on as in a twin in which nothing ends, goals and all."""
    one, twin = pair(task, "same_step", "same_step", seconds=10.0)
    first, second, third = actions(3)
    for env in (one, twin):
        env.step(first)
    one.end_episodes(torch.tensor([False, True, False]))
    found, *_, info = one.step(second)
    expected, *_ = twin.step(second)
    assert info["_final_obs"].tolist() == [False, True, False]
    others = [0, 2]
    for name, part in expected.items():
        assert torch.equal(found[name][others], part[others]), name
        assert torch.equal(info["final_obs"][name][1], part[1]), name
    found, expected = one.step(third)[0], twin.step(third)[0]
    assert all(torch.equal(found[name][others], part[others]) for name, part in expected.items())


@pytest.mark.parametrize("task", FREE)
def test_seeds_decide(pair, task):
    """The same seed gives the same rollout over several episodes, to the bit; another one doesn't."""
    (one,), (two,), (other,) = (pair(task, "next_step", seed=seed) for seed in (0, 0, 1))
    rollouts = []
    for env in (one, two, other):
        steps = [env.step(action) for action in actions(15)]
        rollouts.append(torch.cat([torch.cat([*parts.values(), reward[:, None]], 1) for parts, reward, *_ in steps]))
    assert torch.equal(rollouts[0], rollouts[1])
    assert not torch.equal(rollouts[0], rollouts[2])


def test_every_task_has_an_id():
    """An id for each task and a task for each id, whose settings are its own."""
    names = [spec.kwargs["task"] for name, spec in gymnasium.registry.items() if name.startswith("ProtoMotions/")]
    assert sorted(names) == sorted(TASKS)
    assert all(TASKS[name]().name == name for name in TASKS)


@pytest.mark.parametrize("task", ["steering", "path_follower", "target"])
def test_goals_are_marked_in_pictures(make, task):
    """As many marks as the goal has, at finite places."""
    env = make(2, task=task)
    env.reset(seed=0)
    marks = env.task.markers(env.simulator.state)
    assert len(marks) == {"steering": 2, "path_follower": 10, "target": 1}[task]
    assert np.isfinite([mark.position for mark in marks]).all()

# SPDX-License-Identifier: Apache-2.0
"""Randomisation inside captured steps on a GPU: the same numbers as one operation after another."""

import pytest
import torch
from tests.envs.states import standing_motion

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.randomization import Pushes, RandomizationConfig

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

COUNT = 32
# Pushes so often that some come in every rollout.
EVERYTHING = RandomizationConfig(preset="everything", pushes=Pushes(interval=(0.04, 0.12)))


@pytest.fixture
def library(g1):
    """A clip of five control steps, so that every world is reset several times."""
    return MotionLibrary([standing_motion(g1, seconds=0.1)], g1, fps=1 / g1.control_dt, device="cuda")


def make(library, **settings: object) -> HumanoidVectorEnv:
    """Return an environment with everything on, unless settings say otherwise."""
    settings = {
        "flatten": True,
        "autoreset_mode": "same_step",
        "compile": False,
        "randomization": EVERYTHING,
        "motion_library": library,
        **settings,
    }
    return HumanoidVectorEnv(COUNT, simulator="mujoco-warp", device="cuda", **settings)


def rollout(env: HumanoidVectorEnv, steps: int = 12, **options: object) -> list[tuple]:
    """Return what some steps with small random actions give."""
    env.reset(seed=3, options=options)
    generator = torch.Generator("cuda").manual_seed(0)
    actions = 0.1 * torch.randn(steps, COUNT, env.robot.num_joints, generator=generator, device="cuda")
    return [env.step(action) for action in actions]


def assert_alike(one: list[tuple], other: list[tuple]) -> None:
    """Observations, rewards and ends agree; physics on a GPU isn't exact to the bit."""
    for a, b in zip(one, other, strict=True):
        torch.testing.assert_close(a[0], b[0], atol=0.03, rtol=0.02)
        torch.testing.assert_close(a[1], b[1], atol=2e-3, rtol=0)
        assert torch.equal(a[2], b[2])
        assert torch.equal(a[3], b[3])


@pytest.mark.parametrize("mode", ["same_step", "next_step", "disabled"])
@pytest.mark.parametrize("compiled", [False, True])
def test_captured_and_eager_steps_agree(library, mode, compiled):
    """With pushes, noise, delays and different worlds."""
    captured = make(library, autoreset_mode=mode, compile=compiled)
    eager = make(library, autoreset_mode=mode, graph=False)
    assert captured.graphs
    assert_alike(rollout(captured), rollout(eager))
    captured.close()
    eager.close()


def test_a_captured_graph_sees_worlds_that_are_drawn_anew(library):
    """The physics was captured with other worlds, and its arrays stay where they are."""
    captured, eager = make(library), make(library, graph=False)
    arrays = [captured.simulator._model.geom_friction.ptr, captured.simulator._model.body_mass.ptr]
    first = rollout(captured)
    again = rollout(captured, randomization_seed=9)
    assert_alike(again, rollout(eager, randomization_seed=9))
    assert (again[-1][0] - first[-1][0]).abs().max() > 0.1
    assert [captured.simulator._model.geom_friction.ptr, captured.simulator._model.body_mass.ptr] == arrays
    captured.close()
    eager.close()


def sudden_changes(library, randomization: RandomizationConfig) -> torch.Tensor:
    """Changes of the roots' velocities from step to step, m/s, [steps, COUNT, 3]."""
    env = make(library, autoreset_mode="disabled", max_episode_seconds=1000.0, randomization=randomization)
    env.reset(seed=0, options={"noise": False})
    velocities = [env.simulator.state.root_lin_vel.clone()]
    for _ in range(10):
        env.step(torch.zeros(COUNT, env.robot.num_joints, device="cuda"))
        velocities.append(env.simulator.state.root_lin_vel.clone())
    env.close()
    return torch.stack(velocities).diff(dim=0)


def test_pushes_are_replayed(library):
    """Standing robots are pushed again and again, never twice alike; without pushes they just stand."""
    often = RandomizationConfig(pushes=Pushes(interval=(0.06, 0.06), linear=(0.5, 0.5, 0.0), angular=(0.0, 0.0, 0.0)))
    calm, pushed = sudden_changes(library, RandomizationConfig()), sudden_changes(library, often)
    assert calm[..., :2].abs().max() < 0.2
    # Control steps take 20 ms; an episode's clip has ended after five of them, and ended robots are spared.
    first = pushed[2, :, 0]
    assert 0.4 < first.abs().max() < 0.7
    assert first.unique().numel() > COUNT / 2


@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
def test_a_step_never_waits_for_the_device(library):
    """With synchronisation forbidden, steps, pushes and resets still run."""
    env = make(library)
    env.reset(seed=0)
    action = torch.zeros(COUNT, env.robot.num_joints, device="cuda")
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(8):
            env.step(action)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    env.close()

# SPDX-License-Identifier: Apache-2.0
"""The captured step on a GPU: the same numbers as one operation after another."""

import pytest
import torch
from tests.envs.states import standing_motion

from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.motions import MotionLibrary, write_pack
from protomotions_envs.tasks.mimic.evaluation import MimicEvaluator

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

COUNT = 32


@pytest.fixture
def library(g1):
    """A clip of five control steps, so that every world is reset several times."""
    return MotionLibrary([standing_motion(g1, seconds=0.1)], g1, fps=1 / g1.control_dt, device="cuda")


def rollout(library, steps: int = 15, **settings: object) -> list[tuple]:
    """Return what some steps with small random actions give."""
    env = HumanoidVectorEnv(
        COUNT, simulator="mujoco-warp", device="cuda", flatten=True, motion_library=library, **settings
    )
    env.reset(seed=3)
    generator = torch.Generator("cuda").manual_seed(0)
    actions = 0.1 * torch.randn(steps, COUNT, env.robot.num_joints, generator=generator, device="cuda")
    results = [env.step(action) for action in actions]
    env.close()
    return results


@pytest.mark.parametrize("mode", ["same_step", "next_step", "disabled"])
@pytest.mark.parametrize("compiled", [False, True])
def test_captured_and_eager_steps_agree(library, mode, compiled):
    """Observations, rewards, ends and the random starts after them; physics on a GPU isn't exact to the bit."""
    captured = rollout(library, autoreset_mode=mode, compile=compiled)
    eager = rollout(library, autoreset_mode=mode, graph=False)
    for one, other in zip(captured, eager, strict=True):
        torch.testing.assert_close(one[0], other[0], atol=0.02, rtol=0.01)
        torch.testing.assert_close(one[1], other[1], atol=1e-3, rtol=0)
        assert torch.equal(one[2], other[2])
        assert torch.equal(one[3], other[3])
    assert torch.stack([step[3] for step in captured]).any(dim=0).all()


def test_results_are_not_overwritten_by_the_next_step(library):
    """A buffer of transitions may keep what steps return."""
    steps = rollout(library, autoreset_mode="same_step", compile=False)
    rewards = torch.stack([step[1] for step in steps])
    terms = torch.stack([torch.stack(list(step[4]["reward_terms"].values())).sum(0) for step in steps])
    torch.testing.assert_close(rewards, terms)
    assert (rewards[1:] != rewards[:-1]).any(dim=1).all()


@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
def test_a_step_never_waits_for_the_device(library):
    """With synchronisation forbidden, steps and their resets still run."""
    env = HumanoidVectorEnv(
        COUNT, simulator="mujoco-warp", device="cuda", autoreset_mode="same_step", compile=False, motion_library=library
    )
    env.reset(seed=0)
    action = torch.zeros(COUNT, env.robot.num_joints, device="cuda")
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(8):
            env.step(action)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    env.close()


def test_bodies_are_computed_inside_the_graph(g1, library, tmp_path):
    """A library that keeps only coordinates gives the same rollout as one that keeps whole states."""
    pack = write_pack(tmp_path / "one.pack", [standing_motion(g1, seconds=0.1)], g1, fps=1 / g1.control_dt)
    lean = MotionLibrary.from_pack(pack, g1, device="cuda", whole_states_bytes=0)
    for one, other in zip(
        rollout(lean, autoreset_mode="same_step"), rollout(library, autoreset_mode="same_step"), strict=True
    ):
        torch.testing.assert_close(one[0], other[0], atol=0.02, rtol=0.01)
        torch.testing.assert_close(one[1], other[1], atol=1e-3, rtol=0)


def test_captured_and_eager_evaluations_agree(library):
    """The sums of an evaluation are captured as well; two batches, so that they are begun twice."""
    judged = []
    for graph in (True, False):
        config = EnvConfig(simulator="mujoco-warp", device="cuda", flatten=True, graph=graph)
        evaluator = MimicEvaluator(config, library, worlds_per_clip=8, noise=True, max_envs=4)
        judged.append(evaluator(lambda observation: torch.zeros(len(observation), 29, device="cuda")))
        evaluator.close()
    captured, eager = judged
    assert captured.clips[0].success == eager.clips[0].success
    assert captured.clips[0].followed == eager.clips[0].followed == 1.0
    assert captured.metrics["global_error_mm"] == pytest.approx(eager.metrics["global_error_mm"], rel=0.01)
    assert captured.metrics["joint_vel_error"] == pytest.approx(eager.metrics["joint_vel_error"], rel=0.01)
    assert captured.metrics["jerk"] == pytest.approx(eager.metrics["jerk"], rel=0.05)

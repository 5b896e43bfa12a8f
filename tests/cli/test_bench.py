# SPDX-License-Identifier: Apache-2.0
"""The benchmark: what it measures and what it leaves alone."""

import json
import re

import pytest
import torch

from protomotions_cli import benchmarking
from protomotions_cli.benchmarking import measure
from protomotions_envs import HumanoidVectorEnv


def make_env(clip):
    """Return four worlds that reset in the same step."""
    return HumanoidVectorEnv(4, motion_file=str(clip), autoreset_mode="same_step", flatten=True, num_threads=1)


def test_rates_and_ratio_fit_together(clip):
    """The engine alone is faster than the environment around it; the ratio is that of the two."""
    env = make_env(clip)
    rates = measure(env, seconds=0.1)
    env.close()
    assert rates.pairs >= 4
    assert 0 < rates.env < rates.physics
    assert rates.ratio_low <= rates.ratio <= rates.ratio_high
    assert rates.ratio == pytest.approx(rates.env / rates.physics, rel=0.5)


def test_physics_blocks_leave_the_environment_where_it_was(clip):
    """After a pair of blocks the robots are where the environment's steps alone have brought them."""
    benched, alone = make_env(clip), make_env(clip)
    actions = torch.zeros(1, 4, 29)
    for env in (benched, alone):
        env.reset(seed=1)
    benchmarking._pair(benched, actions)
    # One step before the block isn't timed.
    for _ in range(1 + benchmarking.BLOCK_STEPS):
        alone.step(actions[0])
    assert torch.allclose(benched.simulator.state.joint_pos, alone.simulator.state.joint_pos, atol=1e-5)
    assert torch.allclose(benched.simulator.state.body_lin_vel, alone.simulator.state.body_lin_vel, atol=1e-4)
    benched.close()
    alone.close()


def test_bench_prints_a_table_and_appends_json_lines(protomotions, workspace, clip):
    """Both rates in both units, and where they were measured."""
    words = ["bench", "--num-envs", 2, "--seconds", 0.05, "--motion-file", clip, "--json", "rates.jsonl"]
    for _ in range(2):
        code, out, err = protomotions(*words)
        assert (code, err) == (0, "")
    assert re.search(r"^environment +[\d,]+ steps/s = [\d,]+ physics steps/s", out, re.MULTILINE)
    assert re.search(r"^physics only +[\d,]+ steps/s = [\d,]+ physics steps/s", out, re.MULTILINE)
    assert re.search(r"^ratio +\d\.\d{3} \(quartiles", out, re.MULTILINE)
    records = [json.loads(line) for line in (workspace / "rates.jsonl").read_text().splitlines()]
    assert len(records) == 2
    assert records[0].keys() >= {"env", "physics", "ratio", "cpu", "threads", "seed", "versions", "num_envs"}
    assert records[0]["physics_steps_per_env_step"] == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--simulator", "mujocco"], r"Unknown simulator 'mujocco'.*Did you mean 'mujoco'\?"),
        (["--robot-name", "g2"], "nknown robot 'g2'"),
        (["--num-envs", "0"], "num_envs must be at least 1, not 0"),
        (["--seconds", "0"], "--seconds must be positive, not 0"),
    ],
)
def test_bad_input_is_one_line_with_exit_code_2(protomotions, words, message):
    """Nothing is measured."""
    code, out, err = protomotions("bench", *words)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{message}.*\n", err)

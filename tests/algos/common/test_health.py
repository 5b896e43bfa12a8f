# SPDX-License-Identifier: Apache-2.0
"""What isn't finite is named."""

import math

import pytest
import torch
from gymnasium.vector import AutoresetMode

from protomotions_algos.common.health import UpdateWatch, WorldWatch
from protomotions_algos.errors import AlgorithmError


def poisoned(env, part, value, world=2, at_step=3):
    """Let one world's observation, final observation or reward be bad at one step."""
    honest = env.step
    count = 0

    def step(actions):
        nonlocal count
        count += 1
        observation, reward, terminated, truncated, info = honest(actions)
        if count == at_step:
            if part == "reward":
                reward[world] = value
            elif part == "final_obs":
                truncated[world] = True
                info["final_obs"]["speed"][world] = value
            else:
                observation[part][world] = value
        return observation, reward, terminated, truncated, info

    env.step = step
    return env


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_bad_observation(small_ppo, point_env, value, normalize):
    """Part, column and world are named, though clipping hides infinities and moments spread them."""
    agent = small_ppo(poisoned(point_env(), "speed", value), normalize_observations=normalize)
    with pytest.raises(AlgorithmError, match=r"observation is not finite in environment 2 \(1 .*: .*speed\[0\]"):
        agent.iterate()


def test_bad_reward(small_ppo, point_env):
    """World and step are named."""
    agent = small_ppo(poisoned(point_env(), "reward", math.nan))
    with pytest.raises(AlgorithmError, match="reward is not finite in environment 2 at step 2 of the rollout"):
        agent.iterate()


def test_bad_final_observation(small_ppo, point_env):
    """It enters through the bootstrap only, and is named as such."""
    agent = small_ppo(poisoned(point_env(), "final_obs", math.nan))
    with pytest.raises(AlgorithmError, match=r"value of info\['final_obs'\] is not finite in environment 2 at step 2"):
        agent.iterate()


def test_healthy_rollouts_pass(small_ppo, point_env):
    """Nothing is raised or warned about in either mode."""
    for mode in (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP):
        agent = small_ppo(point_env(mode=mode))
        for _ in range(3):
            assert agent.iterate()["update/actor_skipped"] == 0.0


def test_bad_updates_are_skipped_then_given_up(small_ppo, point_env):
    """Rewards near the largest float32 make the value loss infinite: two epochs warn, the third is an error."""
    env = point_env()
    honest = env.step
    env.step = lambda actions: (lambda o, r, *rest: (o, r.sign() * 1e30, *rest))(*honest(actions))
    agent = small_ppo(env)
    before = [parameter.clone() for parameter in agent.critics[""].parameters()]
    for _ in range(2):
        with pytest.warns(RuntimeWarning, match="the value loss is not finite; 100%"):
            agent.iterate()
    with pytest.raises(AlgorithmError, match="lower the learning rates"):
        agent.iterate()
    assert all(torch.equal(one, other) for one, other in zip(before, agent.critics[""].parameters(), strict=True))


def test_watch_warns_and_gives_up():
    """Some skipped updates warn; only a row of epochs without any ends training."""
    watch = UpdateWatch(patience=2)
    none = {"update/actor_skipped": 0.0, "update/critic_skipped": 0.0, "loss/value": 0.5, "loss/policy": 0.1}
    some = {**none, "update/critic_skipped": 0.25, "loss/value": math.nan}
    every = {**some, "update/critic_skipped": 1.0}
    watch.check(none)
    with pytest.warns(RuntimeWarning, match="the value loss is not finite; 25% of the epoch's updates were skipped"):
        watch.check(some)
    with pytest.warns(RuntimeWarning, match="100%"):
        watch.check(every)
    watch.check(none)
    with pytest.warns(RuntimeWarning, match="100%"):
        watch.check(every)
    with pytest.raises(AlgorithmError, match=r"the value loss is not finite.*each of the last 2 epochs"):
        watch.check(every)


def test_watch_tells_gradients_from_losses():
    """A gradient can overflow while the loss is fine."""
    with pytest.warns(RuntimeWarning, match="a gradient, though no loss, is not finite"):
        UpdateWatch().check({"update/actor_skipped": 0.5, "loss/policy": 0.0})


def test_unsound_worlds_are_warned_of_once():
    """Each kind the first time that its count isn't zero; the logs go on counting."""
    watch = WorldWatch()
    watch.check({"env/broken_worlds": 0.0})
    with pytest.warns(RuntimeWarning, match="2 worlds broke .* env/broken_worlds in the logs"):
        watch.check({"env/broken_worlds": 2.0, "env/overflowed_worlds": 0.0})
    watch.check({"env/broken_worlds": 1.0})
    with pytest.warns(RuntimeWarning, match="3 worlds had more contacts"):
        watch.check({"env/broken_worlds": 1.0, "env/overflowed_worlds": 3.0})

# SPDX-License-Identifier: Apache-2.0
"""What AMP needs is checked before anything is stepped, and the message says what to do."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorWrapper
from tests.algos.amp.orbit import OrbitEnv

from protomotions_algos.amp.requirements import discriminator_batch_size, other_parts
from protomotions_algos.errors import AlgorithmError

BOX = spaces.Box(-np.inf, np.inf, (2,))


def test_environment_without_demonstrations(small_amp):
    """The method that is missing is named."""
    env = gymnasium.make_vec("Pendulum-v1", 2)
    with pytest.raises(AlgorithmError, match=r"has no sample_demonstrations\(count, generator\).*or train with PPO"):
        small_amp(env, discriminator_inputs=None)


def test_observation_without_the_part(small_amp, point_env):
    """The parts that there are, and where the missing one would come from."""
    message = r"discriminator_inputs 'style' is no part of the observation, which has: position, speed; make the"
    with pytest.raises(AlgorithmError, match=message):
        small_amp(point_env())


def test_observation_without_parts(small_amp):
    """A single array has no named parts."""
    with pytest.raises(AlgorithmError, match="the observation is a Box without named parts; set it to None"):
        small_amp(gymnasium.make_vec("Pendulum-v1", 2))


def test_discriminator_batch_larger_than_the_minibatch(small_amp):
    """Both sizes are named; nothing has been reset."""
    env = OrbitEnv()
    message = "discriminator_batch_size is 9, but a minibatch has 8 samples; set it to 8 or less, or raise batch_size"
    with pytest.raises(AlgorithmError, match=message):
        small_amp(env, batch_size=8, discriminator_batch_size=9)
    assert not hasattr(env, "state")


@pytest.mark.parametrize(("wanted", "batch", "size"), [(None, 100, 100), (None, 16384, 4096), (8192, 16384, 8192)])
def test_discriminator_batch_size(wanted, batch, size):
    """As many samples as PPO has, at most 4,096, unless more are asked for."""
    assert discriminator_batch_size(wanted, batch) == size


def test_early_ending_of_an_environment_that_can_not(small_amp):
    """The setting and the method are named; without the setting it isn't needed."""

    class Endless(OrbitEnv):
        """Episodes that nobody can end."""

        end_episodes = None

    small_amp(Endless())
    with pytest.raises(AlgorithmError, match=r"ending_threshold is above 0, but Endless has no end_episodes\(mask\)"):
        small_amp(Endless(), ending_threshold=0.1)


def test_wrapped_environments(small_amp):
    """Demonstrations and endings are asked of the environment inside."""
    agent = small_amp(VectorWrapper(OrbitEnv(mode=AutoresetMode.SAME_STEP)), ending_threshold=0.1)
    assert agent.iterate()["discriminator/loss"] > 0.0


def test_actor_and_critic_see_the_other_parts(small_amp):
    """What the discriminator sees is hidden from them unless they ask for it."""
    agent = small_amp(OrbitEnv())
    assert agent.storage["actor_inputs"].shape[2] == 4
    assert agent.storage["critic_inputs"] is agent.storage["actor_inputs"]
    agent = small_amp(OrbitEnv(), critic_inputs=("state", "style"))
    assert agent.storage["actor_inputs"].shape[2] == 4
    assert agent.storage["critic_inputs"].shape[2] == 7


def test_other_parts_of_nested_observations():
    """Parts are told apart by their full names; an inner dictionary stands for all that is in it."""
    space = spaces.Dict({"body": spaces.Dict({"pose": BOX, "speed": BOX}), "goal": BOX, "style": BOX})
    assert other_parts(space, ("style",)) == ("body.pose", "body.speed", "goal")
    assert other_parts(space, ("style", "body.speed")) == ("body.pose", "goal")
    assert other_parts(space, ("body",)) == ("goal", "style")
    assert other_parts(space, None) is None
    assert other_parts(BOX, None) is None


def test_nothing_left_for_the_actor(small_amp):
    """All parts for the discriminator need a word about what the actor sees."""
    with pytest.raises(AlgorithmError, match="leaves none for the actor; name what it sees in actor_inputs"):
        small_amp(OrbitEnv(), discriminator_inputs=("state", "style"))

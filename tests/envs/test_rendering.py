# SPDX-License-Identifier: Apache-2.0
"""Pictures without a screen; these tests skip where OpenGL can't be started."""

import gymnasium
import numpy as np
import pytest
from tests.envs.states import random_state

import protomotions_envs  # noqa: F401  (registers the ids)
from protomotions_envs.errors import RenderError
from protomotions_envs.rendering import GHOST_OFFSET, Renderer


@pytest.fixture
def opengl(g1):
    """A renderer, or a skip."""
    try:
        renderer = Renderer(g1, 160, 120)
    except RenderError as error:
        pytest.skip(str(error))
    yield renderer
    renderer.close()


def test_single_environment_draws_robot_and_ghost(opengl):
    """A picture in the documented shape, that changes when the robot moves."""
    env = gymnasium.make("ProtoMotions/Mimic-v0", render_mode="rgb_array")
    env.reset(seed=0, options={"motion": 0, "frame": 0})
    first = env.render()
    assert first.shape == (480, 640, 3)
    assert first.dtype == np.uint8
    for _ in range(30):
        env.step(np.full(29, 0.5, np.float32))
    assert np.abs(env.render().astype(int) - first).mean() > 0.1
    env.close()


def test_the_ghost_is_bluer_and_beside_the_robot(opengl):
    """With a reference beside the robot, a bluish figure appears that isn't there when the reference is far away."""
    state = random_state(1, 30, 29)
    state.body_pos[0, 0] = state.body_pos.new_tensor([0.0, 0.0, 0.8])
    state.body_rot[0, 0] = state.body_rot.new_tensor([1.0, 0.0, 0.0, 0.0])
    state.joint_pos.zero_()
    far = random_state(1, 30, 29)
    far.body_pos[0, 0] = far.body_pos.new_tensor([0.0, 100.0, 0.8])
    alone, both = opengl.draw(state, far).astype(int), opengl.draw(state, state).astype(int)
    changed = np.abs(both - alone).sum(-1) > 30
    assert changed.sum() > 50
    blueness = both[..., 2] - both[..., 0]
    assert blueness[changed].mean() > blueness[~changed].mean() + 20
    assert np.linalg.norm(GHOST_OFFSET) > 0.5


def test_a_robot_alone_is_in_the_middle(opengl):
    """Dark limbs on a light ground: without a reference there is as much of them on the left as on the right."""
    state = random_state(1, 30, 29)
    state.body_pos[0, 0] = state.body_pos.new_tensor([3.0, -2.0, 0.8])
    state.body_rot[0, 0] = state.body_rot.new_tensor([1.0, 0.0, 0.0, 0.0])
    state.joint_pos.zero_()
    dark = opengl.draw(state, None).astype(int).sum(-1) < 300
    assert dark.sum() > 50
    assert abs(np.nonzero(dark)[1].mean() - 80) < 16


def test_record_video_of_the_vector_environment(opengl, tmp_path):
    """Gymnasium's own video wrapper runs."""
    env = gymnasium.make_vec("ProtoMotions/Mimic-v0", num_envs=2, flatten=True, render_mode="rgb_array")
    assert len(env.render()) == 1
    assert env.metadata["render_fps"] == 50
    env.close()


def test_no_opengl_says_what_to_install(g1, monkeypatch):
    """A back end that can't be started gives a RenderError with a remedy."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no display")

    monkeypatch.setattr("mujoco.Renderer", broken)
    with pytest.raises(RenderError, match="libegl1"):
        Renderer(g1)

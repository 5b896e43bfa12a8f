# SPDX-License-Identifier: Apache-2.0
"""Videos of trained runs; skipped where OpenGL isn't available."""

import re
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest

from protomotions_envs import HumanoidVectorEnv, RenderError


@pytest.fixture(scope="module")
def opengl(clip):
    """Skip without a working OpenGL."""
    env = HumanoidVectorEnv(1, motion_file=str(clip), render_mode="rgb_array")
    env.reset(seed=0)
    try:
        env.render()
    except RenderError as error:
        pytest.skip(f"no OpenGL here: {error}")
    finally:
        env.close()


def test_play_films_the_robot_beside_its_reference(opengl, trained, protomotions, workspace):
    """H.264 at the control rate and of the size asked for, and frames that show something that moves."""
    words = ["play", "tiny", "--video", "film.mp4", "--seconds", 0.1, "--width", 96, "--height", 64]
    code, out, _ = protomotions(*words)
    assert code == 0
    assert "Written to film.mp4: 0.1 s, 96 x 64 at 50 frames/s." in out
    decode = ["-i", "film.mp4", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    decoded = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *decode], capture_output=True, check=True)
    assert re.search(rb"Video: h264 .* yuv420p.* 96x64.* 50 fps", decoded.stderr)
    frames = np.frombuffer(decoded.stdout, np.uint8).reshape(-1, 64, 96, 3)
    assert len(frames) == 5
    assert all(frame.std() > 10 for frame in frames)
    assert sorted(path.name for path in workspace.iterdir()) == ["film.mp4", "results", "tiny.py"]


def test_play_needs_no_simulator_of_the_training(opengl, trained, protomotions, workspace):
    """What was trained elsewhere is played in MuJoCo, unless another simulator is asked for."""
    settings = workspace / "results" / "tiny" / "resolved_configs.yaml"
    text, count = re.subn(r"simulator: mujoco\b", "simulator: elsewhere", settings.read_text())
    assert count == 1
    settings.write_text(text)
    words = ["play", "tiny", "--video", "film.mp4", "--seconds", 0.1, "--width", 96, "--height", 64]
    assert protomotions(*words)[0] == 0
    code, _, err = protomotions(*words, "--overrides", "env.simulator=elsewhere")
    assert code == 2
    assert "'elsewhere'" in err

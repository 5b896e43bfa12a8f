# SPDX-License-Identifier: Apache-2.0
"""Films of clips without physics; skipped where OpenGL isn't available."""

import re
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest

from protomotions_envs import RenderError
from protomotions_envs.motions import read_motion, save_motion
from protomotions_envs.rendering import Renderer
from protomotions_envs.robots import load_robot


@pytest.fixture(scope="module")
def opengl():
    """Skip without a working OpenGL."""
    try:
        Renderer(load_robot("g1"), 16, 16).close()
    except RenderError as error:
        pytest.skip(f"no OpenGL here: {error}")


def test_a_film_shows_the_clip_at_its_rate(opengl, protomotions, clip, workspace):
    """H.264 of the part and size asked for, with frames that show something that moves."""
    words = ["motions", "play", clip, "--video", "film.mp4", "--start", 0.2, "--end", 0.3, "--width", 96]
    code, out, _ = protomotions(*words, "--height", 64)
    assert (code, out) == (0, "Written to film.mp4: 0.1 s, 96 x 64 at 30 frames/s.\n")
    decode = ["-i", "film.mp4", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    decoded = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *decode], capture_output=True, check=True)
    assert re.search(rb"Video: h264 .* yuv420p.* 96x64.* 30 fps", decoded.stderr)
    frames = np.frombuffer(decoded.stdout, np.uint8).reshape(-1, 64, 96, 3)
    assert len(frames) == 4
    assert all(frame.std() > 10 for frame in frames)
    assert sorted(path.name for path in workspace.iterdir()) == ["film.mp4", "tiny.py"]


def test_a_fast_clip_is_shown_at_60_frames_a_second(clip):
    """Every second frame of a clip at 120; at odd rates the nearest frame; the last one is never passed."""
    pytest.importorskip("imageio_ffmpeg")
    from protomotions_cli.clip_film import shown_frames

    motion = read_motion(clip)
    fast = type(motion)(**{**vars(motion), "fps": 120.0})
    assert shown_frames(fast, 60.0).tolist() == list(range(0, 29, 2))
    assert shown_frames(motion, 30.0).tolist() == list(range(30))
    odd = type(motion)(**{**vars(motion), "fps": 100.0})
    assert shown_frames(odd, 60.0)[:6].tolist() == [0, 2, 3, 5, 7, 8]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.npz", "--video", "x.mp4"], "No such motion file or folder: none.npz"),
        (["two.yaml", "--video", "x.mp4"], "two.yaml has 2 clips; choose one with --clip, such as wave, other"),
        (["two.yaml", "--video", "x.mp4", "--clip", "othr"], "two.yaml has no clip 'othr'; did you mean 'other'?"),
        (["WAVE", "--video", "x.avi"], "--video x.avi must end in .mp4"),
        (["WAVE", "--video", "x.mp4", "--start", 3], "wave: 3 to 0.966667 s leaves no motion"),
        (["WAVE"], "there is no display for a window; write a video instead: --video wave.mp4"),
    ],
)
def test_wrong_usage(protomotions, workspace, clip, monkeypatch, words, message):
    """One line, exit code 2, nothing written."""
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    save_motion(read_motion(clip), workspace / "one.npz")
    save_motion(type(motion := read_motion(clip))(**{**vars(motion), "name": "other"}), workspace / "other.npz")
    (workspace / "two.yaml").write_text("motions:\n- file: one.npz\n- file: other.npz\n")
    code, _, err = protomotions("motions", "play", *(clip if word == "WAVE" else word for word in words))
    assert code == 2
    assert err.startswith(f"error: {message}")
    assert not list(workspace.glob("x.*"))

# SPDX-License-Identifier: Apache-2.0
"""`protomotions play` under control."""

import math
import os
import re
import termios
import threading
import time

import pytest
import torch

from protomotions_cli.control.control import Wish
from protomotions_cli.control.latents import Latents
from protomotions_cli.control.orders import Order
from protomotions_cli.control.script import Entry, Script
from protomotions_cli.experiment import ExperimentArguments
from protomotions_cli.playback import Playback
from protomotions_cli.trained_run import open_run


def opened(folder):
    """Return a trained run."""
    return open_run(folder.name, folder.parent, checkpoint="last", flags=ExperimentArguments(), overrides=[])


def test_a_robot_sees_at_once_what_it_is_told(shipped):
    """In the step whose time has come, the observation holds the command, and so do the markers."""
    script = Script([Entry(0.0, Order(speed=1.0, direction=0.0)), Entry(0.04, Order(direction=90.0))])
    playback = Playback(opened(shipped("steering")), None, 0.1, script)
    directions = [moment.markers[0].vector for moment in playback.moments()]
    seen = playback.env.worlds.observe()[0, -5:]
    playback.close()
    assert [math.degrees(math.atan2(y, x)) for x, y, _ in directions] == pytest.approx([0, 0, 90, 90, 90], abs=1e-3)
    assert float(seen[2]) == 1.0


def test_a_playback_under_control_is_as_long_as_the_control_says(shipped):
    """Five seconds more than a script; a given length wins."""
    run, script = opened(shipped("steering")), Script([Entry(1.0, Order(speed=1.0))])
    for given, seconds in ((None, 6.0), (0.5, 0.5)):
        playback = Playback(run, None, given, script)
        playback.close()
        assert playback.seconds == seconds


def test_a_restart_starts_again_and_a_quit_ends(shipped):
    """A control that restarts at the third frame and quits at the sixth."""

    class Impatient:
        seconds = math.inf

        def __init__(self) -> None:
            self.begun: list[float] = []
            self.wishes = iter([Wish.GO_ON, Wish.GO_ON, Wish.RESTART, Wish.GO_ON, Wish.GO_ON, Wish.GO_ON, Wish.QUIT])

        def tell(self, stage, time, *, begins):
            if begins:
                self.begun.append(time)
            return next(self.wishes)

    control = Impatient()
    playback = Playback(opened(shipped("steering")), None, None, control)
    heights = [float(moment.state.root_pos[0, 2]) for moment in playback.moments()]
    playback.close()
    assert len(heights) == 5
    assert heights[2] == heights[0] != heights[1]
    assert control.begun == pytest.approx([0.0, 0.04])


def test_a_latent_is_held_and_two_are_gone_over(shipped):
    """From one to the other along the sphere while the playback lasts: half the way after half the time."""
    start, end = torch.eye(3)[0], torch.eye(3)[1]
    run, shown = opened(shipped("ase")), []
    for control in (Latents(start), Latents(start, end)):
        playback = Playback(run, None, 0.2, control)
        agent = playback.stage.agent
        shown.append([agent.playing.next(1)[0].clone() for _ in playback.frames()])
        playback.close()
    assert all(torch.allclose(latent, start, atol=1e-6) for latent in shown[0])
    assert torch.allclose(shown[1][0], start, atol=1e-6)
    assert torch.allclose(shown[1][5], torch.tensor([0.5, 0.5, 0.0]).sqrt(), atol=1e-5)


def type_when_read(typing, keys):
    """Type keys as soon as the terminal passes each one on."""
    while termios.tcgetattr(typing)[3] & termios.ICANON:
        time.sleep(0.01)
    os.write(typing, keys)


def test_without_a_screen_the_terminal_tells_what_the_robot_does(shipped, protomotions, monkeypatch):
    """Until Q."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    shipped("steering")
    typing, reading = os.openpty()
    typist = threading.Thread(target=type_when_read, args=(typing, b"wrwwaq"), daemon=True)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        typist.start()
        code, out, err = protomotions("play", "steering", "--keyboard", "--seconds", 20)
        typist.join()
    os.close(typing)
    assert (code, out) == (0, "")
    assert err.startswith("W/S faster/slower")
    assert err.endswith("\n")
    assert "\r  20.0 s" not in err


BAD_INPUT = {
    "two controls": (["steering", "--keyboard", "--latent", "3"], "give one of --keyboard and --latent, not both"),
    "film of keys": (["steering", "--keyboard", "--video", "x.mp4"], "--keyboard is for windows and terminals"),
    "no terminal": (["steering", "--keyboard"], "--keyboard needs a terminal to read keys from"),
    "keys for mimic": (["add", "--keyboard"], "--keyboard is for the tasks .* 'mimic' takes no commands"),
    "commands for style": (["ase", "--commands", "c.yaml", "--video", "x.mp4"], "the task 'style' takes no commands"),
    "no commands": (["steering", "--commands", "c.yaml", "--video", "x.mp4"], "can't read commands c.yaml: No such"),
    "latent of PPO": (["steering", "--latent", "3", "--video", "x.mp4"], "--latent is for policies .* is of 'ppo'"),
    "no latent": (["ase", "--latent", "z", "--video", "x.mp4"], "--latent z: expected a seed, such as 7, or a .npy"),
    "clip of none": (["steering", "--motion", "walk", "--video", "x.mp4"], "no clip 'walk'; none exist"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_is_one_line_with_exit_code_2(shipped, protomotions, workspace, monkeypatch, case):
    """Nothing is written."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    words, message = BAD_INPUT[case]
    shipped(words[0])
    code, out, err = protomotions("play", *words)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{message}.*\n", err)
    assert not list(workspace.glob("*.mp4"))

# SPDX-License-Identifier: Apache-2.0
"""What keys do to the goals of each task."""

import io
import math

import pytest

from protomotions_cli.control.control import Wish
from protomotions_cli.control.keyboard import Keyboard
from protomotions_cli.control.orders import goal_of
from protomotions_cli.control.terminal_keys import HUNG_UP


class Fingers:
    """Presses given keys, some at each look."""

    def __init__(self, *looks: list[str]) -> None:
        self._looks = list(looks)

    def pressed(self) -> list[str]:
        """Return the keys of the next look."""
        return self._looks.pop(0) if self._looks else []


def drive(stage, *looks):
    """Let a new keyboard control take the keys of some looks; returns its last wish and what it has shown."""
    screen = io.StringIO()
    keyboard = Keyboard(Fingers(*looks), screen)
    wishes = [keyboard.tell(stage, 0.02 * look, begins=look == 0) for look in range(len(looks))]
    return wishes[-1], screen.getvalue()


@pytest.mark.parametrize(
    ("keys", "speed", "degrees"),
    [
        ([], 0.0, 0.0),
        (["w"], 0.25, 0.0),
        (["up", "w", "s", "a"], 0.25, 15.0),
        (["s"], 0.0, 0.0),
        (["w"] * 20, 2.0, 0.0),
        (["w", "w", "left", "a", "d", "right", "right"], 0.5, -15.0),
        (["w", "a", "space"], 0.0, 15.0),
        (["x", "p"], 0.0, 0.0),
    ],
)
def test_keys_steer(make_stage, keys, speed, degrees):
    """From rest, looking ahead; no faster than the policy has been trained for, and not backwards."""
    stage = make_stage("steering")
    goal = goal_of(stage.env)
    wish, _ = drive(stage, [], keys)
    assert wish is Wish.GO_ON
    assert float(goal.speed) == pytest.approx(speed)
    assert float(goal.direction) == pytest.approx(math.radians(degrees), abs=1e-6)


def test_keys_move_the_target(make_stage):
    """By half a metre along the axes, from where the robot stands; space calls it back."""
    stage = make_stage("target")
    goal, here = goal_of(stage.env), stage.env.simulator.state.root_pos[0, :2].tolist()
    drive(stage, [])
    assert goal.position[0].tolist() == pytest.approx(here)
    drive(stage, [], ["w", "w", "a"], ["d", "right"])
    assert goal.position[0].tolist() == pytest.approx([here[0] + 1.0, here[1] - 0.5])
    drive(stage, [], ["w"], ["space"])
    assert goal.position[0].tolist() == pytest.approx(here)


def test_keys_lead_the_path(make_stage):
    """Points ahead lie along the direction, one speed times 0.3 s after the other; standing still they are one."""
    stage = make_stage("path_follower")
    goal = goal_of(stage.env)
    drive(stage, [], ["w"] * 4 + ["a"] * 6)
    x, y, _ = goal.point[0].tolist()
    points = goal.view()["path"].view(-1, 3)
    assert points[3, :2].tolist() == pytest.approx([x, y + 0.9], abs=0.02)
    drive(stage, [], ["space"])
    still = goal.view()["path"].view(-1, 3)
    assert (still - still[0]).abs().max() < 1e-4


@pytest.mark.parametrize(
    ("keys", "wish"), [(["w", "q"], Wish.QUIT), ([HUNG_UP], Wish.QUIT), (["r", "q"], Wish.RESTART)]
)
def test_keys_end_and_restart(make_stage, keys, wish):
    """A terminal that is gone ends it too."""
    assert drive(make_stage("steering"), keys)[0] is wish


def test_after_a_restart_the_robot_stands(make_stage):
    """Wherever it was told to go before."""
    stage = make_stage("steering")
    keyboard = Keyboard(Fingers(["w", "a"], ["r"]), io.StringIO())
    wishes = [keyboard.tell(stage, 0.02 * look, begins=look != 1) for look in range(3)]
    assert wishes == [Wish.GO_ON, Wish.RESTART, Wish.GO_ON]
    assert (float(goal_of(stage.env).speed), float(goal_of(stage.env).direction)) == (0.0, 0.0)


def test_keys_that_follow_a_restart_are_for_the_new_episode(make_stage):
    """However fast they were typed."""
    stage = make_stage("steering")
    keyboard = Keyboard(Fingers(["w", "r", "w", "w"]), io.StringIO())
    assert keyboard.tell(stage, 0.0, begins=True) is Wish.RESTART
    assert keyboard.tell(stage, 0.0, begins=True) is Wish.GO_ON
    assert float(goal_of(stage.env).speed) == pytest.approx(0.5)


def test_the_screen_shows_the_keys_once_and_then_one_line(make_stage):
    """What was told, and what the robot does; the line is written over itself."""
    _, shown = drive(make_stage("steering"), ["w"], *([] for _ in range(20)))
    first, line = shown.split("\n")
    assert first == "W/S faster/slower, A/D turn, space stop, R start again, Q quit (arrow keys as W/A/S/D)"
    assert line.startswith("\r   0.0 s | 0.25 m/s towards 0 deg | walks at 0.00 m/s\x1b[K\r")
    assert line.count("\r") == 5

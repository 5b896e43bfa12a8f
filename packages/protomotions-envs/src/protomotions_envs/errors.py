# SPDX-License-Identifier: Apache-2.0
"""Errors that a user can mend; each message says what was given, what was expected and what to do."""

import difflib
from collections.abc import Iterable


class ProtoMotionsError(ValueError):
    """A wrong input; the command line prints it as one line and exits with code 2."""


class RobotError(ProtoMotionsError):
    """An unknown robot or a robot model that can't be used."""


class SimulatorError(ProtoMotionsError):
    """An unknown or missing simulator, or something it can't do."""


class MotionError(ProtoMotionsError):
    """A motion file that can't be read or doesn't fit the robot."""


class RenderError(ProtoMotionsError):
    """Pictures can't be drawn on this machine."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known name nearest to a wrong one, or nothing if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""

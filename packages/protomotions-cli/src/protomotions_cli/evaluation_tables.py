# SPDX-License-Identifier: Apache-2.0
"""How an evaluation is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protomotions_cli.console import console, print_table
from protomotions_envs.tasks.evaluation import Evaluation
from protomotions_envs.tasks.free.evaluation import FreeEvaluation
from protomotions_envs.tasks.free.style_evaluation import ClipCoverage
from protomotions_envs.tasks.mimic.evaluation import MimicEvaluation

_COLUMNS = {
    "success_mean_body": "success mean 0.5 m",
    "success_max_body": "success max 0.5 m",
    "success_root": "success root",
    "success_training": "success training",
    "followed": "followed",
    "global_error_mm": "global mm",
    "root_relative_error_mm": "root-rel. mm",
    "rotation_error_deg": "rotation deg",
    "joint_vel_error": "joint vel. rad/s",
    "jerk": "jerk m/s³",
    "reference_jerk": "ref. jerk m/s³",
}
_LEGEND = (
    "Success: share of tries in which, at every frame, the mean body error stays below 0.5 m; the largest body error "
    "below 0.5 m; the pelvis within 0.25 m of height and 0.8 rad of tilt; the terminations of training don't fire. "
    "Errors are means over bodies and over the frames before the first with a mean body error above 0.5 m."
)
_COVERAGE = ("clip", "seconds", "share of moments", "share of demonstrations", "visited", "nearest distance")


def print_evaluation(
    title: str, evaluation: Evaluation, opinion: Mapping[str, float], definitions: Mapping[str, str]
) -> None:
    """Print the figures of any task as tables.

    Args:
        title: Of the first table.
        evaluation: What was found.
        opinion: What the policy's own discriminator says, if it has one.
        definitions: What the figures mean, by name.
    """
    figures = {**evaluation.metrics, **opinion}
    if isinstance(evaluation, MimicEvaluation):
        _print_tracking(title, evaluation)
        figures = dict(opinion)
        title = "Discriminator"
    if figures:
        rows = [(name, _figure(value), definitions.get(name, "")) for name, value in figures.items()]
        print_table(title, ["figure", "value", "meaning"], rows, texts=(0, 2))
    if isinstance(evaluation, FreeEvaluation):
        print(f"{evaluation.worlds} worlds, {evaluation.seconds:g} s each.")
        if evaluation.clips:
            print_table("Nearest clips", _COVERAGE, [_coverage(clip) for clip in evaluation.clips])


def _print_tracking(title: str, evaluation: MimicEvaluation) -> None:
    rows = []
    for clip in evaluation.clips:
        success = {f"success_{definition}": share for definition, share in clip.success.items()}
        figures = {**success, "followed": clip.followed, **clip.errors}
        rows.append([clip.clip, *(_rounded(name, figures[name]) for name in _COLUMNS)])
    rows.append(["all", *(_rounded(name, evaluation.metrics[name]) for name in _COLUMNS)])
    print_table(title, ["clip", *_COLUMNS.values()], rows)
    console().print(_LEGEND)


def _rounded(name: str, value: float) -> str:
    if name.startswith("success") or name == "followed":
        return f"{value:.3f}"
    return f"{value:.1f}" if name.endswith(("_mm", "jerk")) else f"{value:.2f}"


def _figure(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def _coverage(clip: ClipCoverage) -> Sequence[str]:
    distance = "-" if clip.nearest_distance is None else f"{clip.nearest_distance:.2f}"
    shares = f"{clip.share:.3f}", f"{clip.expected_share:.3f}"
    return clip.clip, f"{clip.seconds:.1f}", *shares, "yes" if clip.visited else "no", distance

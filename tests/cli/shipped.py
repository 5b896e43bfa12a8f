# SPDX-License-Identifier: Apache-2.0
"""The shipped experiments, as small as they get."""

from __future__ import annotations

from pathlib import Path

EXPERIMENTS = Path(__file__).parents[2] / "examples" / "experiments"
_SMALL = (
    "agent.num_steps=4 agent.batch_size=8 agent.num_mini_epochs=1 agent.hidden_units=[8] agent.critic_hidden_units=[8] "
    "agent.eval_every=4 agent.eval_length=5 agent.save_every=2"
)
_SMALL_STYLE = f"{_SMALL} agent.discriminator_hidden_units=[8] agent.replay_size=50"
_SMALL_SKILLS = f"{_SMALL_STYLE} agent.encoder_hidden_units=[8] agent.latent_dim=3"
SHIPPED = {
    "steering": ("steering_mlp.py", False, _SMALL),
    "steering_style": ("steering_mlp.py", True, _SMALL_STYLE),
    "path_follower": ("path_follower_mlp.py", False, _SMALL),
    "amp": ("amp_mlp.py", True, _SMALL_STYLE),
    "ase": ("ase_mlp.py", True, _SMALL_SKILLS),
    "add": ("add_mlp.py", True, _SMALL_STYLE),
}
"""Experiment file, whether it gets clips, and what makes it small, by the name of the run."""


def shipped_words(name: str, clip: Path) -> list[str]:
    """Return the words that train one of the experiments."""
    file, with_clips, small = SHIPPED[name]
    words = ["train", "--experiment-path", EXPERIMENTS / file, "--experiment-name", name, "--num-envs", 4]
    words += ["--num-threads", 1, "--overrides", small, *(["--motion-file", clip] if with_clips else [])]
    return [str(word) for word in words]

# SPDX-License-Identifier: Apache-2.0
"""The README's examples run as they stand, with fewer steps."""

import re
from pathlib import Path

README = Path(__file__).parents[2] / "packages" / "protomotions-algos" / "README.md"


def test_examples_run(tmp_path, monkeypatch, capsys):
    """Both blocks, one after the other in one namespace; the second leaves checkpoints and logs."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 2
    source, replaced = re.subn(r"max_steps=(\d+)_000", lambda match: f"max_steps={int(match[1]) * 50}", "".join(blocks))
    assert replaced == 2
    exec(compile(source, str(README), "exec"), {})
    printed = capsys.readouterr().out
    assert re.search(r"^Epoch 2 \| ep_reward: [\d.]+ \| value_loss: [\d.]+ \| policy_loss: -?[\d.]+ \| FPS: \d+$",
                     printed, flags=re.MULTILINE)  # fmt: skip
    assert "'score': " in printed
    written = sorted(path.name for path in (tmp_path / "results" / "cartpole").iterdir())
    assert written == ["last.ckpt", "logs", "score_based.ckpt"]

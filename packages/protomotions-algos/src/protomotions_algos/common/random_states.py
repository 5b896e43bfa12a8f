# SPDX-License-Identifier: Apache-2.0
"""States of the random number generators, as plain data."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor


def global_random_states() -> dict[str, object]:
    """Return the states of the global generators of Python, numpy, torch and, where there is one, CUDA."""
    version, words, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    states: dict[str, object] = {
        "python": {"version": version, "words": torch.tensor(words, dtype=torch.int64), "gauss": gauss},
        "numpy": {
            "name": str(name),
            "keys": torch.from_numpy(np.asarray(keys).astype(np.int64)),
            "position": int(position),
            "has_gauss": int(has_gauss),
            "cached": float(cached),
        },
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_initialized():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def restore_global_random_states(states: Mapping[str, object]) -> None:
    """Continue the global generators from `global_random_states`; CUDA's only on as many devices as it was saved on."""
    python: dict = states["python"]  # ty: ignore[invalid-assignment]
    random.setstate((python["version"], tuple(python["words"].tolist()), python["gauss"]))
    saved: dict = states["numpy"]  # ty: ignore[invalid-assignment]
    keys = saved["keys"].numpy().astype(np.uint32)
    np.random.set_state((saved["name"], keys, saved["position"], saved["has_gauss"], saved["cached"]))
    state = states["torch"]
    if isinstance(state, Tensor):
        torch.set_rng_state(state)
    cuda = states.get("cuda")
    if isinstance(cuda, list) and torch.cuda.is_available() and len(cuda) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(cuda)

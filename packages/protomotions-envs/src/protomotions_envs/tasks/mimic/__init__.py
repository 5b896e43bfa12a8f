# SPDX-License-Identifier: Apache-2.0
"""Motion tracking: follow a reference clip (DeepMimic, Peng et al. 2018)."""

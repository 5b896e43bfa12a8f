# SPDX-License-Identifier: Apache-2.0
"""Who tells a robot what to do while it is watched: keys, a file of commands, or latents."""

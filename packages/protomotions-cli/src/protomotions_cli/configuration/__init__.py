# SPDX-License-Identifier: Apache-2.0
"""Settings as frozen dataclasses, as plain data in files, and as overrides on the command line."""

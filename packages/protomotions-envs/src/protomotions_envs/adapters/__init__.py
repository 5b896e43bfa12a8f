# SPDX-License-Identifier: Apache-2.0
"""The vector environment in the clothes of other libraries; each adapter imports its library itself."""

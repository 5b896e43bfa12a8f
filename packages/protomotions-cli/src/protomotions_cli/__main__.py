# SPDX-License-Identifier: Apache-2.0
"""`python -m protomotions_cli` is the command `protomotions`."""

import sys

from protomotions_cli.main import main

sys.exit(main())

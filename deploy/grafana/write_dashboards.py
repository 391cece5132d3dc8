#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes dashboards/*.json from the modules beside it."""

import pathlib

import model
import scheduler
import service

FOLDER = pathlib.Path(__file__).parent / "dashboards"
DASHBOARDS = (service.DASHBOARD, scheduler.DASHBOARD, model.DASHBOARD)


def main() -> None:
    for dashboard in DASHBOARDS:
        (FOLDER / f"{dashboard.name}.json").write_text(dashboard.json())


if __name__ == "__main__":
    main()

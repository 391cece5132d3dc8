# SPDX-License-Identifier: Apache-2.0
"""Boxes, and where in a picture they are."""

import dataclasses

_COLUMNS = ("left", "", "right")
_ROWS = ("top", "", "bottom")


@dataclasses.dataclass(frozen=True)
class Box:
    """A rectangle in fractions of the picture's width and height; origin: top-left corner."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @property
    def center(self) -> tuple[float, float]:
        return (self.x_min + self.x_max) / 2, (self.y_min + self.y_max) / 2

    @property
    def area(self) -> float:
        return max(self.x_max - self.x_min, 0.0) * max(self.y_max - self.y_min, 0.0)

    def common_area(self, other: "Box") -> float:
        return Box(
            max(self.x_min, other.x_min),
            max(self.y_min, other.y_min),
            min(self.x_max, other.x_max),
            min(self.y_max, other.y_max),
        ).area

    def iou(self, other: "Box") -> float:
        """Intersection over union, in [0, 1]."""
        common = self.common_area(other)
        union = self.area + other.area - common
        return common / union if union > 0 else 0.0


def place(box: Box) -> tuple[str, str]:
    """The third of the picture that the box's center lies in, as (column, row); "" is the middle one."""
    x, y = box.center
    return _COLUMNS[_third(x)], _ROWS[_third(y)]


def clearly_in_place(box: Box, margin: float) -> bool:
    """The center is at least `margin` away from where one third ends and the next begins."""
    return all(abs(value - border) >= margin for value in box.center for border in (1 / 3, 2 / 3))


def _third(value: float) -> int:
    return 0 if value < 1 / 3 else 1 if value < 2 / 3 else 2

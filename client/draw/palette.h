// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_DRAW_PALETTE_H_
#define MRMLLM_CLIENT_DRAW_PALETTE_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace mrmllm {

// A colour, 8 bits a channel.
struct Color {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;

  bool operator==(const Color&) const = default;
};

inline constexpr Color kWhite{255, 255, 255};
inline constexpr Color kInk{20, 22, 28};

// The colour of a class: always the same for the same label, on every machine.
Color ColorOf(absl::string_view label);

// White or ink, whichever reads better on `background` (the WCAG contrast ratio decides).
Color TextColorOn(Color background);

// WCAG relative luminance, [0, 1].
double Luminance(Color color);

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_DRAW_PALETTE_H_

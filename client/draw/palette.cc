// SPDX-License-Identifier: Apache-2.0
#include "client/draw/palette.h"

#include <cmath>
#include <iterator>

namespace mrmllm {
namespace {

// Bright enough for a dark caption, saturated enough for a photograph, and apart from each other.
constexpr Color kPalette[] = {
    {255, 99, 97},   {64, 196, 255},  {255, 193, 61},  {121, 214, 102},
    {186, 130, 255}, {255, 140, 66},  {46, 211, 183},  {255, 121, 198},
    {94, 148, 255},  {214, 222, 73},  {240, 98, 146},  {77, 208, 225},
    {255, 171, 145}, {149, 117, 255}, {158, 204, 110}, {255, 213, 130},
};

double Linear(uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

}  // namespace

Color ColorOf(absl::string_view label) {
  // FNV-1a: std::hash and absl::Hash differ from machine to machine and from run to run.
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : label) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return kPalette[(hash >> 20) % std::size(kPalette)];
}

double Luminance(Color color) {
  return 0.2126 * Linear(color.red) + 0.7152 * Linear(color.green) + 0.0722 * Linear(color.blue);
}

Color TextColorOn(Color background) {
  const double luminance = Luminance(background);
  const double with_white = 1.05 / (luminance + 0.05);
  const double with_ink = (luminance + 0.05) / (Luminance(kInk) + 0.05);
  return with_white >= with_ink ? kWhite : kInk;
}

}  // namespace mrmllm

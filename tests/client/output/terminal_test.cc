// SPDX-License-Identifier: Apache-2.0
#include "client/output/terminal.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(DisplayWidthTest, CountsColumns) {
  EXPECT_EQ(DisplayWidth("dog"), 3);
  EXPECT_EQ(DisplayWidth("größe"), 5);
  EXPECT_EQ(DisplayWidth("犬と猫"), 6);
  EXPECT_EQ(DisplayWidth("🐕"), 2);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);
}

TEST(PrintableTest, TakesAwayWhatSteersATerminal) {
  EXPECT_EQ(Printable("a\033[31mb"), "a\uFFFD[31mb");
  EXPECT_EQ(Printable("\u009B2J"), "\uFFFD2J");
  EXPECT_EQ(Printable("bad \xFF byte"), "bad \uFFFD byte");
}

TEST(PrintableTest, KeepsText) {
  EXPECT_EQ(Printable("two\nlines\tand 犬 🐕"), "two\nlines\tand 犬 🐕");
}

TEST(StyleTest, WritesNoCodesWithoutColors) {
  EXPECT_EQ(Style(false).Bold("x"), "x");
  EXPECT_EQ(Style(true).Bold("x"), "\033[1mx\033[0m");
}

}  // namespace
}  // namespace mrmllm

// SPDX-License-Identifier: Apache-2.0
#include "client/output/table.h"

#include "gtest/gtest.h"

namespace mrmllm {
namespace {

TEST(TableTest, AlignsColumnsAndTrimsLines) {
  Table table({{"OBJECT"}, {"SCORE", Table::Align::kRight}, {"NOTE"}});
  table.AddRow({{"dog"}, {"0.91"}, {"x"}});
  table.AddRow({{"potted plant"}, {"0.2"}, {""}});
  EXPECT_EQ(table.Render(Style(false)),
            "  OBJECT        SCORE  NOTE\n"
            "  dog            0.91  x\n"
            "  potted plant    0.2\n");
}

TEST(TableTest, CountsWideAndCombiningCharactersAsATerminalDoes) {
  Table table({{"NAME"}, {"N"}});
  table.AddRow({{"犬"}, {"1"}});
  table.AddRow({{"e\u0301t\u00e9"}, {"2"}});
  EXPECT_EQ(table.Render(Style(false)),
            "  NAME  N\n"
            "  犬    1\n"
            "  e\u0301t\u00e9   2\n");
}

TEST(TableTest, ColorsDoNotMoveTheColumns) {
  Table table({{"A"}, {"B"}});
  table.AddRow({{"dog", Color{255, 0, 0}}, {"1"}});
  EXPECT_EQ(table.Render(Style(true)),
            "  \033[2mA\033[0m    \033[2mB\033[0m\n"
            "  \033[38;5;196mdog\033[0m  1\n");
}

}  // namespace
}  // namespace mrmllm

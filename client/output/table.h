// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_OUTPUT_TABLE_H_
#define MRMLLM_CLIENT_OUTPUT_TABLE_H_

#include <optional>
#include <string>
#include <vector>

#include "client/output/terminal.h"

namespace mrmllm {

// Rows under titles, aligned by the columns that characters take on a terminal.
//
//   Table table({{"OBJECT"}, {"SCORE", Table::Align::kRight}});
//   table.AddRow({{"dog"}, {"0.91"}});
//   out << table.Render(style);
//
// Thread-safety: compatible (const use is safe).
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };
  struct Cell {
    std::string text;
    std::optional<Color> color = std::nullopt;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns.
  void AddRow(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

  // Every line ends with a line break and has no blanks before it.
  std::string Render(const Style& style) const;

 private:
  const std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_OUTPUT_TABLE_H_

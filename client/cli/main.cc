// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <iostream>

#include "client/cli/command_line.h"

int main(int argc, char** argv) {
  using mrmllm::Style;
  mrmllm::Console console{.in = std::cin,
                          .out = std::cout,
                          .err = std::cerr,
                          .out_style = Style::ForDescriptor(STDOUT_FILENO),
                          .err_style = Style::ForDescriptor(STDERR_FILENO),
                          .out_is_terminal = isatty(STDOUT_FILENO) != 0,
                          .err_is_terminal = isatty(STDERR_FILENO) != 0};
  return static_cast<int>(mrmllm::RunCommandLine({argv + 1, argv + argc}, console));
}

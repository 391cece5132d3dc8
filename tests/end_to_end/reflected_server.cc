// SPDX-License-Identifier: Apache-2.0
// Serves a FakeEngine until its standard input ends; prints its port first.
#include <iostream>
#include <string>

#include "tests/end_to_end/test_server.h"

int main() {
  mrmllm::TestServer server(mrmllm::Transport::kTcp);
  std::cout << server.port() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) continue;
}

// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "model/training/train_program.h"

int main(int argc, char** argv) {
  mrmllm::TrainOptions options;
  CLI::App app("Trains parts of a bundle as a recipe says; docs/train.md is its manual.",
               "mrmllm-train");
  app.add_option("recipe", options.recipe, "The recipe, a YAML file")->required();
  app.add_option("--bundle", options.bundle, "The bundle's directory, in place of the recipe's");
  app.add_option("--out", options.out,
                 "Directory for adapters, checkpoint and loss curve; a run that is there goes on")
      ->required();
  app.add_option("--stop-after", options.stop_after, "Stop after so many steps, to go on later")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--show-examples", options.show_examples,
                 "Show so many examples of the recipe's sources, and do not train")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--only-answers", options.only_answers,
               "Write answers.txt from the checkpoint that is there, and do not train");
  CLI11_PARSE(app, argc, argv);
  try {
    const absl::Status status = mrmllm::Train(options, mrmllm::Clock::Real(), std::cout);
    if (status.ok()) return 0;
    std::cerr << "mrmllm-train: " << status.message() << std::endl;
  } catch (const std::exception& error) {
    std::cerr << "mrmllm-train: " << error.what() << std::endl;
  }
  return 1;
}

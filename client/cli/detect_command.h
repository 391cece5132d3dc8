// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_DETECT_COMMAND_H_
#define MRMLLM_CLIENT_CLI_DETECT_COMMAND_H_

#include <string>
#include <vector>

#include "client/cli/command.h"

namespace mrmllm {

// `mrmllm detect`: the objects in each image, several images at a time.
class DetectCommand : public Command {
 public:
  CLI::App* AddTo(CLI::App& app) override;
  ExitCode Run(const CommandContext& context) override;

 private:
  // What became of one image.
  struct Outcome {
    absl::Status status;
    v1::DetectResponse response;
  };

  Outcome Process(const CommandContext& context, const std::string& image,
                  const std::string& annotated_path) const;
  static void Print(const CommandContext& context, const std::string& image,
                    const Outcome& outcome);

  v1::PerceptionSettings perception_;
  v1::SchedulingSettings scheduling_;
  v1::ModelSelector model_;
  std::vector<std::string> inputs_;
  std::string annotate_;
  int jobs_ = 4;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_DETECT_COMMAND_H_

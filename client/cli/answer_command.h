// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_CLIENT_CLI_ANSWER_COMMAND_H_
#define MRMLLM_CLIENT_CLI_ANSWER_COMMAND_H_

#include <string>
#include <vector>

#include "client/cli/command.h"

namespace mrmllm {

// `mrmllm ask` and `mrmllm perceive`: a question about each image, or about all of them together.
// The answer is printed as it comes; perceive prints the boxes before it.
class AnswerCommand : public Command {
 public:
  enum class Kind { kAsk, kPerceive };
  explicit AnswerCommand(Kind kind) : kind_(kind) {}

  CLI::App* AddTo(CLI::App& app) override;
  ExitCode Run(const CommandContext& context) override;

 private:
  // The images of one request. An image_id of an earlier reply has no bytes.
  struct Group {
    std::vector<std::string> names;
    std::vector<std::string> annotated_paths;  // of names; empty without --annotate
  };

  std::vector<Group> MakeGroups(const std::vector<std::string>& images) const;
  ExitCode Process(const CommandContext& context, const Group& group, bool show_name) const;
  absl::Status Ask(const CommandContext& context, const Group& group,
                   const std::vector<v1::Image>& images) const;
  absl::Status Perceive(const CommandContext& context, const Group& group,
                        const std::vector<v1::Image>& images) const;
  absl::Status Annotate(const Group& group, const std::vector<v1::Image>& images,
                        const v1::PerceiveAndAnswerResponse& response) const;

  // Fills the fields that the two requests have in common.
  template <typename Request>
  Request MakeRequest(const std::vector<v1::Image>& images) const;

  const Kind kind_;
  std::string question_;
  std::string system_;
  std::vector<std::string> inputs_;
  std::vector<std::string> image_ids_;
  std::string annotate_;
  bool together_ = false;
  bool no_perception_ = false;
  bool allow_degraded_ = false;
  v1::PerceptionSettings perception_;
  v1::GenerationSettings generation_;
  v1::SchedulingSettings scheduling_;
  v1::ModelSelector model_;
};

}  // namespace mrmllm

#endif  // MRMLLM_CLIENT_CLI_ANSWER_COMMAND_H_

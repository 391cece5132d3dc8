// SPDX-License-Identifier: Apache-2.0
#include "model/training/train_program.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "model/checkpoint/load.h"
#include "model/checkpoint/safetensors_writer.h"
#include "model/training/examples/open_examples.h"
#include "model/training/report/served_answers.h"
#include "model/training/report/training_progress.h"
#include "model/training/trainer.h"

namespace mrmllm {
namespace {

constexpr int kAnswerTokens = 64;

// A recipe with what it names opened.
struct Run {
  Recipe recipe;
  Bundle bundle;
  std::shared_ptr<const Tokenizer> tokenizer;
  std::unique_ptr<ChatTemplate> chat_template;
  std::unique_ptr<ExampleSource> examples;
  std::unique_ptr<SequenceSource> sequences;
  std::vector<TrainingExample> held_out;
};

absl::Status OpenHeldOut(Run& run) {
  ASSIGN_OR_RETURN(auto source, OpenExamples(run.recipe, run.bundle.config, run.tokenizer,
                                             JsonlExamples::Split::kHeldOut));
  for (int drawn = 0; drawn < run.recipe.evaluation.examples; ++drawn) {
    TrainingExample example = source->Next();
    if (run.sequences->Encode(example).length() > run.recipe.batch.sequence_tokens) continue;
    run.held_out.push_back(std::move(example));
  }
  return absl::OkStatus();
}

absl::StatusOr<Run> Open(const TrainOptions& options) {
  Run run;
  ASSIGN_OR_RETURN(run.recipe, Recipe::Load(options.recipe));
  const std::string& directory = options.bundle.empty() ? run.recipe.bundle : options.bundle;
  ASSIGN_OR_RETURN(run.bundle, Bundle::Load(directory, {.verify_checksums = false}));
  // What is trained begins at the base model, whatever adapters the bundle already has.
  run.bundle.config.adapters.reset();
  run.bundle.adapters.clear();
  if (!run.recipe.system.empty()) run.bundle.config.prompt.system = run.recipe.system;
  ASSIGN_OR_RETURN(run.tokenizer, Tokenizer::Load(run.bundle.tokenizer_path));
  ASSIGN_OR_RETURN(ChatTemplate chat_template,
                   ChatTemplate::Create(run.bundle.config.prompt.chat_template, run.tokenizer));
  run.chat_template = std::make_unique<ChatTemplate>(std::move(chat_template));
  ASSIGN_OR_RETURN(run.examples, OpenExamples(run.recipe, run.bundle.config, run.tokenizer,
                                              JsonlExamples::Split::kTraining));
  run.sequences = std::make_unique<SequenceSource>(
      run.examples.get(), run.chat_template.get(), run.tokenizer,
      run.bundle.config.language_model.eos_token_ids.front(), run.recipe.batch.sequence_tokens);
  RETURN_IF_ERROR(OpenHeldOut(run));
  return run;
}

absl::StatusOr<std::unique_ptr<Trainer>> MakeTrainer(const Run& run) {
  const at::ScalarType dtype = run.recipe.compute == "bfloat16" ? at::kBFloat16 : at::kFloat;
  LanguageModel model(run.bundle.config.language_model);
  RETURN_IF_ERROR(LoadParameters(*model, "language_model", run.bundle.tensors, dtype, at::kCPU));
  std::vector<SupervisedSequence> held_out;
  for (const TrainingExample& example : run.held_out) {
    held_out.push_back(run.sequences->Encode(example));
  }
  return std::make_unique<Trainer>(run.recipe, std::move(model), run.sequences.get(),
                                   std::move(held_out));
}

absl::Status WriteAll(Trainer& trainer, const std::string& out) {
  RETURN_IF_ERROR(trainer.Save(out + "/checkpoint.safetensors"));
  RETURN_IF_ERROR(WriteSafetensors(out + "/adapters.safetensors", trainer.Adapters()));
  RETURN_IF_ERROR(WriteFileAtomically(out + "/loss.csv", CurveCsv(trainer.state().curve)));
  return WriteFileAtomically(out + "/loss.svg", CurveSvg(trainer.state().curve));
}

// Held-out questions with what the trained model answers in each format.
absl::Status WriteAnswers(Run& run, const Trainer& trainer, const std::string& path,
                          std::ostream& log) {
  run.bundle.config.adapters = run.recipe.adapters;
  run.bundle.adapters = trainer.Adapters();
  std::vector<std::string> lines;
  for (const TrainingExample& example : run.held_out) {
    lines.push_back(ExampleText(example));
  }
  const c10::InferenceMode inference;
  for (const WeightFormat format :
       {WeightFormat::kBfloat16, WeightFormat::kInt8, WeightFormat::kInt4}) {
    ASSIGN_OR_RETURN(auto served, ServedAnswers::Create(run.bundle, format));
    int exact = 0;
    for (size_t i = 0; i < run.held_out.size(); ++i) {
      const std::vector<int32_t> prompt = run.chat_template->Render(run.held_out[i].turns, true);
      const std::string answer = run.tokenizer->Decode(served->Answer(prompt, kAnswerTokens));
      exact += answer == run.held_out[i].answer ? 1 : 0;
      absl::StrAppendFormat(&lines[i], "[%s] %s\n", std::string(WeightFormatName(format)), answer);
    }
    log << absl::StrFormat("held out: %d of %d answers word for word in %s", exact,
                           run.held_out.size(), std::string(WeightFormatName(format)))
        << std::endl;
  }
  std::string text;
  for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
  return WriteFileAtomically(path, text);
}

}  // namespace

absl::Status Train(const TrainOptions& options, Clock* clock, std::ostream& log) {
  ASSIGN_OR_RETURN(Run run, Open(options));
  for (int i = 0; i < options.show_examples; ++i)
    log << ExampleText(run.examples->Next()) << std::endl;
  if (options.show_examples > 0) return absl::OkStatus();
  at::set_num_threads(run.recipe.threads);
  std::error_code failure;
  std::filesystem::create_directories(options.out, failure);
  if (failure) {
    return absl::InternalError(absl::StrCat(options.out, ": ", failure.message()));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Trainer> trainer, MakeTrainer(run));
  const std::string checkpoint = options.out + "/checkpoint.safetensors";
  if (std::filesystem::exists(checkpoint, failure)) {
    RETURN_IF_ERROR(trainer->Load(checkpoint));
    log << checkpoint << ": going on after step " << trainer->state().step() << std::endl;
  }
  if (options.only_answers) return WriteAnswers(run, *trainer, options.out + "/answers.txt", log);
  TrainingProgress progress(clock, trainer->state().step(), run.recipe.steps);
  for (int steps = 1; !trainer->done(); ++steps) {
    ASSIGN_OR_RETURN(const Trainer::StepReport report, trainer->Step());
    log << progress.Line(report.point, report.tokens, report.examples) << std::endl;
    const bool stop = steps == options.stop_after;
    if (stop || trainer->done() ||
        trainer->state().step() % run.recipe.checkpoint_every_steps == 0) {
      RETURN_IF_ERROR(WriteAll(*trainer, options.out));
    }
    if (stop) return absl::OkStatus();
  }
  return WriteAnswers(run, *trainer, options.out + "/answers.txt", log);
}

}  // namespace mrmllm

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/bench_command.h"

#include <fstream>
#include <functional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "client/bench/grpc_caller.h"
#include "client/bench/report/bench_chart.h"
#include "client/bench/report/bench_json.h"
#include "client/bench/report/bench_text.h"
#include "client/cli/image_files.h"
#include "client/cli/interruption.h"
#include "client/output/progress.h"

namespace mrmllm {
namespace {

constexpr int kMostClients = 10'000;
constexpr int kMostRequests = 10'000'000;
constexpr double kHighestRate = 100'000;
constexpr int kOpenLoopWarmup = 5;
constexpr char kLoadGroup[] = "Load";
constexpr char kRequestGroup[] = "Requests";
constexpr char kReportGroup[] = "Report";

// An option that takes "1,4,16".
template <typename Number, typename Parse>
CLI::Option* AddLevels(CLI::App& app, const std::string& name, std::vector<Number>* levels,
                       Number highest, const Parse& parse, const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [=](const std::string& text) {
            levels->clear();
            for (const absl::string_view part : absl::StrSplit(text, ',')) {
              Number number = 0;
              if (!parse(part, &number) || !(number > 0) || number > highest) {
                throw CLI::ValidationError(
                    name, absl::StrCat("expected numbers above 0, at most ", highest,
                                       ", as in 1,4,16; got '", part, "'"));
              }
              levels->push_back(number);
            }
          },
          help)
      ->type_name("N,...")
      ->group(kLoadGroup);
}

absl::Status WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (file) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("cannot write '", path, "'"));
}

// What the server says of itself; nothing from one that speaks no more than the three RPCs.
absl::StatusOr<std::string> ModelText(Client& client) {
  const absl::StatusOr<v1::ListModelsResponse> models = client.ListModels();
  if (absl::IsUnimplemented(models.status())) return std::string();
  RETURN_IF_ERROR(models.status());
  if (models->models_size() == 0) return std::string();
  const v1::Model& model = models->models(0);
  return absl::StrCat(model.name(), " ", model.version(), " (", model.dtype(), ", ", model.device(),
                      ")");
}

}  // namespace

void BenchCommand::AddLoadOptions(CLI::App& command) {
  CLI::Option* const clients = AddLevels<int>(
      command, "--clients", &clients_, kMostClients,
      [](absl::string_view text, int* number) { return absl::SimpleAtoi(text, number); },
      "Closed loop: so many at a time, each sends when its last request has ended [1]");
  AddLevels<double>(
      command, "--rate", &rates_, kHighestRate,
      [](absl::string_view text, double* number) { return absl::SimpleAtod(text, number); },
      "Open loop: so many a second, at random moments, whether others have ended or not")
      ->excludes(clients);
  CLI::Option* const requests =
      command.add_option("--requests", requests_, "Requests of each level that count")
          ->type_name("N")
          ->check(CLI::Range(1, kMostRequests))
          ->group(kLoadGroup);
  AddDurationOption(command, "--duration", &duration_, "How long each level is measured [10s]")
      ->excludes(requests)
      ->group(kLoadGroup);
  command
      .add_option("--warmup", warmup_,
                  "Requests of each level before those that count [one a client; with --rate 5]")
      ->type_name("N")
      ->check(CLI::Range(0, kMostRequests))
      ->group(kLoadGroup);
  command
      .add_option("--max-in-flight", max_in_flight_,
                  "With --rate: what arrives while so many are under way is not sent, but counted")
      ->type_name("N")
      ->check(CLI::Range(1, kMostClients))
      ->capture_default_str()
      ->group(kLoadGroup);
  command
      .add_option("--connections", connections_, "Connections that the requests are spread over")
      ->type_name("N")
      ->check(CLI::Range(1, 256))
      ->capture_default_str()
      ->group(kLoadGroup);
  command
      .add_option("--seed", seed_, "The same seed gives the same requests and the same arrivals")
      ->type_name("N")
      ->capture_default_str()
      ->group(kLoadGroup);
}

void BenchCommand::AddRequestOptions(CLI::App& command) {
  command.add_option("files", inputs_, "Pictures and folders of pictures")->capture_default_str();
  command
      .add_option_function<std::string>(
          "--mix",
          [this](const std::string& text) {
            absl::StatusOr<RpcMix> mix = RpcMix::Parse(text);
            if (!mix.ok()) {
              throw CLI::ValidationError("--mix", std::string(mix.status().message()));
            }
            mix_ = *mix;
          },
          "Which requests, by weight: detect=1,ask=2,perceive=7 [perceive]")
      ->type_name("RPC=W,...")
      ->group(kRequestGroup);
  command
      .add_option("--questions", questions_file_,
                  "File with a question on each line [a few built-in ones]")
      ->type_name("FILE")
      ->group(kRequestGroup);
  command.add_option("--max-new-tokens,--max-tokens", max_new_tokens_, "Longest answer in tokens")
      ->type_name("N")
      ->check(CLI::Range(1, 2048))
      ->capture_default_str()
      ->group(kRequestGroup);
  command
      .add_flag("--warm,!--cold", warm_,
                "Send the same pictures again and again (--warm), or make each unlike all others, "
                "so that no cache knows it (--cold) [cold]")
      ->group(kRequestGroup);
  AddSchedulingOptions(command, &scheduling_);
  command
      .add_flag("--allow-degraded", allow_degraded_,
                "Where the time is too short for the answer, take the boxes alone")
      ->group(kRequestGroup);
}

CLI::App* BenchCommand::AddTo(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("bench", "Measure a server under load: throughput, latency, first token");
  AddLoadOptions(*command);
  AddRequestOptions(*command);
  command->add_option("--json", json_file_, "Write the result as JSON; - for standard output")
      ->type_name("FILE")
      ->group(kReportGroup);
  command->add_option("--chart", chart_file_, "Draw throughput and latency over the levels")
      ->type_name("FILE.svg")
      ->group(kReportGroup);
  return command;
}

std::vector<LevelPlan> BenchCommand::MakePlans() const {
  LevelPlan plan{
      .max_in_flight = max_in_flight_, .requests = requests_, .duration = duration_, .seed = seed_};
  std::vector<LevelPlan> plans;
  if (rates_.empty()) {
    for (const int clients : clients_) {
      plan.clients = clients;
      plan.warmup = warmup_.value_or(clients);
      plans.push_back(plan);
    }
    return plans;
  }
  for (const double rate : rates_) {
    plan.rate = rate;
    plan.warmup = warmup_.value_or(kOpenLoopWarmup);
    plans.push_back(plan);
  }
  return plans;
}

absl::StatusOr<Workload::Options> BenchCommand::MakeWorkload(const CommandContext& context) const {
  Workload::Options options{.mix = mix_, .questions = BuiltInQuestions(), .seed = seed_};
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListImages(inputs_));
  for (const std::string& name : names) {
    absl::StatusOr<std::string> bytes = ReadImage(name, context.console.in);
    if (!bytes.ok()) {
      return absl::Status(bytes.status().code(),
                          absl::StrCat(name, ": ", bytes.status().message()));
    }
    options.images.push_back(*std::move(bytes));
  }
  if (!questions_file_.empty()) {
    ASSIGN_OR_RETURN(options.questions, ReadQuestions(questions_file_));
  }
  // The server may remember the pictures of an earlier run.
  if (!warm_) {
    options.cold_mark =
        absl::StrCat("bench ", absl::ToUnixNanos(context.options.client.clock->Now()));
  }
  return options;
}

BenchSetting BenchCommand::MakeSetting(const CommandContext& context, const std::string& model,
                                       int image_count) const {
  return {.server = context.options.client.server_address,
          .model = model,
          .mix = mix_.ToString(),
          .images = image_count,
          .cold = !warm_,
          .max_new_tokens = max_new_tokens_,
          .connections = connections_,
          .timeout = context.options.client.timeout,
          .seed = seed_};
}

std::vector<LevelSummary> BenchCommand::RunLevels(const CommandContext& context,
                                                  LoadRunner* runner) const {
  const std::vector<LevelPlan> plans = MakePlans();
  Progress progress(context.console.err, context.console.err_is_terminal,
                    static_cast<int>(plans.size()));
  const Interruption interruption([runner] { runner->Stop(); });
  std::vector<LevelSummary> levels;
  for (const LevelPlan& plan : plans) {
    const std::string name = plan.rate > 0 ? absl::StrCat(plan.rate, " requests a second")
                                           : absl::StrCat(plan.clients, " clients");
    progress.Show(static_cast<int>(levels.size()), name);
    levels.push_back(Summarize(runner->Run(plan)));
    if (levels.back().stopped) break;
  }
  return levels;
}

absl::Status BenchCommand::Report(const CommandContext& context, const BenchSetting& setting,
                                  const std::vector<LevelSummary>& levels) const {
  Console& console = context.console;
  // `mrmllm --json bench` means what `mrmllm bench --json -` does.
  const std::string json_file = json_file_.empty() && context.options.json ? "-" : json_file_;
  if (json_file == "-") {
    console.out << BenchJson(setting, levels) << std::endl;
  } else {
    console.out << BenchText(setting, levels, console.out_style) << std::flush;
  }
  if (!json_file.empty() && json_file != "-") {
    RETURN_IF_ERROR(WriteFile(json_file, BenchJson(setting, levels) + "\n"));
  }
  if (!chart_file_.empty()) {
    RETURN_IF_ERROR(WriteFile(chart_file_, BenchChart(setting, levels)));
    console.err << "The chart is in " << Printable(chart_file_) << "\n";
  }
  return absl::OkStatus();
}

ExitCode BenchCommand::Run(const CommandContext& context) {
  const auto fail = [&](const absl::Status& status) {
    PrintError(context, "", status);
    return ExitCodeOf(status);
  };
  absl::StatusOr<Workload::Options> options = MakeWorkload(context);
  if (!options.ok()) return fail(OnThisSide(options.status()));
  const absl::StatusOr<std::string> model = ModelText(context.client);
  if (!model.ok()) return fail(model.status());
  const BenchSetting setting =
      MakeSetting(context, *model, static_cast<int>(options->images.size()));

  v1::GenerationSettings generation;
  generation.set_max_new_token_count(max_new_tokens_);
  const auto caller = GrpcCaller::Connect(context.options.client, connections_,
                                          {.generation = std::move(generation),
                                           .scheduling = scheduling_,
                                           .allow_degraded = allow_degraded_});
  if (!caller.ok()) return fail(OnThisSide(caller.status()));
  Workload workload(*std::move(options));
  LoadRunner runner(&workload, caller->get(), context.options.client.clock);
  const std::vector<LevelSummary> levels = RunLevels(context, &runner);
  const absl::Status reported = Report(context, setting, levels);
  if (!reported.ok()) return fail(OnThisSide(reported));

  ExitTally tally;
  for (const LevelSummary& level : levels) {
    if (level.all.ok > 0) tally.Add(ExitCode::kOk);
    if (!level.first_error.ok()) tally.Add(ExitCodeOf(level.first_error));
  }
  return tally.Result();
}

}  // namespace mrmllm

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/cli_options.h"

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace mrmllm {
namespace {

constexpr char kDefaultServer[] = "127.0.0.1:50051";
constexpr char kPerceptionGroup[] = "Perception";
constexpr char kGenerationGroup[] = "Generation";
constexpr char kConnectionGroup[] = "Connection";

// An option whose value goes to a setter of a message.
template <typename Value>
CLI::Option* AddSetter(CLI::App& app, const std::string& name, const std::string& type,
                       const std::function<void(Value)>& set, const std::string& help) {
  return app
      .add_option_function<Value>(
          name, [set](const Value& value) { set(value); }, help)
      ->type_name(type);
}

// A flag that switches something off.
void AddSwitchOff(CLI::App& app, const std::string& name, const std::function<void()>& set,
                  const std::string& help) {
  app.add_flag_callback(name, set, help)->group(kPerceptionGroup);
}

void AddTlsOptions(CLI::App& app, TlsOptions* tls) {
  app.add_flag("--tls", tls->enabled, "Protect the connection; the options below imply it")
      ->envname("MRMLLM_TLS")
      ->group(kConnectionGroup);
  // In the environment too: a container's health check is one fixed command for every server.
  const auto add = [&](const char* name, const char* variable, std::string* value, const char* type,
                       const char* help) {
    app.add_option_function<std::string>(
           name,
           [tls, value](const std::string& text) {
             *value = text;
             tls->enabled = true;
           },
           help)
        ->type_name(type)
        ->envname(variable)
        ->group(kConnectionGroup);
  };
  add("--tls-ca", "MRMLLM_TLS_CA", &tls->root_certificates_file, "FILE",
      "PEM file of those who may sign the server [the system's]");
  add("--tls-cert", "MRMLLM_TLS_CERT", &tls->client_certificate_file, "FILE",
      "PEM file of the client's certificate");
  add("--tls-key", "MRMLLM_TLS_KEY", &tls->private_key_file, "FILE", "PEM file of its private key");
  add("--tls-server-name", "MRMLLM_TLS_SERVER_NAME", &tls->server_name, "NAME",
      "Name that the server's certificate must hold [the host of --server]");
}

// Editors and `echo` end a file with a line break, which belongs to no key.
std::string ReadApiKeyFile(const std::string& path) {
  std::ifstream file(path);
  std::string key;
  if (!std::getline(file, key) || absl::StripAsciiWhitespace(key).empty()) {
    throw CLI::ValidationError("--api-key-file", absl::StrCat("cannot read a key from ", path));
  }
  return std::string(absl::StripAsciiWhitespace(key));
}

}  // namespace

absl::StatusOr<absl::Duration> ParseTimeout(const std::string& text) {
  absl::Duration duration;
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) {
    duration = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &duration)) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a duration such as 90s, 1m30s or 250ms, got '", text, "'"));
  }
  // "Not more than 0" and not a number at once.
  if (!(duration > absl::ZeroDuration())) {
    return absl::InvalidArgumentError(absl::StrCat("expected more than 0, got '", text, "'"));
  }
  return duration;
}

CLI::Option* AddDurationOption(CLI::App& app, const std::string& name, absl::Duration* duration,
                               const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [name, duration](const std::string& text) {
            const absl::StatusOr<absl::Duration> parsed = ParseTimeout(text);
            if (!parsed.ok()) {
              throw CLI::ValidationError(name, std::string(parsed.status().message()));
            }
            *duration = *parsed;
          },
          help)
      ->type_name("TIME");
}

void AddGlobalOptions(CLI::App& app, GlobalOptions* options) {
  ClientOptions& client = options->client;
  client.server_address = kDefaultServer;
  app.add_option("-s,--server", client.server_address, "Address of the server")
      ->type_name("HOST:PORT")
      ->envname("MRMLLM_SERVER")
      ->capture_default_str()
      ->group(kConnectionGroup);
  AddDurationOption(app, "--timeout", &client.timeout,
                    "Longest time for one request, retries included [1m]")
      ->group(kConnectionGroup);
  app.add_option("--retries", client.retry.max_attempts,
                 "Times a request is tried when the server is unavailable or full")
      ->type_name("N")
      ->check(CLI::Range(1, 100))
      ->capture_default_str()
      ->group(kConnectionGroup);
  app.add_option("--api-key", client.api_key,
                 "Key for servers that want one; better in the environment")
      ->type_name("KEY")
      ->envname("MRMLLM_API_KEY")
      ->group(kConnectionGroup);
  app.add_option_function<std::string>(
         "--api-key-file",
         [&client](const std::string& path) { client.api_key = ReadApiKeyFile(path); },
         "File with that key alone")
      ->type_name("FILE")
      ->envname("MRMLLM_API_KEY_FILE")
      ->group(kConnectionGroup);
  app.add_option("--tenant", client.tenant,
                 "For whom the server works, where it tells tenants apart")
      ->type_name("NAME")
      ->envname("MRMLLM_TENANT")
      ->group(kConnectionGroup);
  AddTlsOptions(app, &client.tls);
  app.add_flag("--json", options->json, "For programs: one JSON object a line");
}

void AddPerceptionOptions(CLI::App& app, v1::PerceptionSettings* settings) {
  AddSetter<float>(
      app, "--threshold", "SCORE", [=](float value) { settings->set_score_threshold(value); },
      "Lowest score reported, 0 to 1 [the model's own]")
      ->check(CLI::Range(0.0, 1.0))
      ->group(kPerceptionGroup);
  AddSetter<int>(
      app, "--max-objects", "N", [=](int value) { settings->set_max_object_count(value); },
      "Most objects reported an image, 1 to 300 [100]")
      ->check(CLI::Range(1, 300))
      ->group(kPerceptionGroup);
  app.add_option_function<std::vector<std::string>>(
         "--class",
         [=](const std::vector<std::string>& labels) {
           for (const std::string& label : labels) settings->add_classes(label);
         },
         "Report this class only; repeat for more (`mrmllm models --labels` lists them)")
      ->type_name("LABEL")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(kPerceptionGroup);
  static const std::map<std::string, v1::SecondLookMode> kSecondLookModes = {
      {"off", v1::SECOND_LOOK_MODE_OFF},
      {"automatic", v1::SECOND_LOOK_MODE_AUTOMATIC},
      {"always", v1::SECOND_LOOK_MODE_ALWAYS}};
  AddSetter<std::string>(
      app, "--second-look", "WHEN",
      [=](const std::string& name) {
        settings->mutable_second_look()->set_mode(kSecondLookModes.at(name));
      },
      "Look again at parts of a picture, larger: off, automatic or always [the server's]")
      ->check(CLI::IsMember(kSecondLookModes))
      ->group(kPerceptionGroup);
  AddSetter<int>(
      app, "--max-crops", "N",
      [=](int value) { settings->mutable_second_look()->set_max_crop_count(value); },
      "Most parts of a picture to look at again, 1 to 16 [the server's]")
      ->check(CLI::Range(1, 16))
      ->group(kPerceptionGroup);
  AddSwitchOff(
      app, "--no-query-fusion", [=] { settings->mutable_mechanisms()->set_query_fusion(false); },
      "Switch off shared query fusion");
  AddSwitchOff(
      app, "--no-integration",
      [=] { settings->mutable_mechanisms()->set_decoder_integration(false); },
      "Switch off perception-enhanced integration in the decoder");
  AddSwitchOff(
      app, "--no-perception-prompt",
      [=] { settings->mutable_mechanisms()->set_perception_prompt(false); },
      "Switch off the perception-embedded prompt");
}

void AddSchedulingOptions(CLI::App& app, v1::SchedulingSettings* settings) {
  static const std::map<std::string, v1::Priority> kPriorities = {
      {"high", v1::PRIORITY_HIGH}, {"normal", v1::PRIORITY_NORMAL}, {"low", v1::PRIORITY_LOW}};
  AddSetter<std::string>(
      app, "--priority", "CLASS",
      [=](const std::string& name) { settings->set_priority(kPriorities.at(name)); },
      "Urgency: high, normal or low [normal]")
      ->check(CLI::IsMember(kPriorities));
}

void AddModelOption(CLI::App& app, v1::ModelSelector* model) {
  AddSetter<std::string>(
      app, "--model", "NAME[@VERSION]",
      [=](const std::string& text) {
        const size_t at = text.find('@');
        model->set_name(text.substr(0, at));
        if (at != std::string::npos) model->set_version(text.substr(at + 1));
      },
      "Which model to ask [the server's default], and which version of it [the active one]");
}

void AddGenerationOptions(CLI::App& app, v1::GenerationSettings* settings) {
  AddSetter<int>(
      app, "--max-new-tokens", "N", [=](int n) { settings->set_max_new_token_count(n); },
      "Longest answer in tokens, 1 to 2048 [128]")
      ->check(CLI::Range(1, 2048))
      ->group(kGenerationGroup);
  AddSetter<float>(
      app, "--temperature", "T", [=](float t) { settings->set_temperature(t); },
      "Randomness, 0 to 2; 0: always the likeliest token [0]")
      ->check(CLI::Range(0.0, 2.0))
      ->group(kGenerationGroup);
  AddSetter<float>(
      app, "--top-p", "P", [=](float p) { settings->set_top_p(p); },
      "Sample among the likeliest tokens that reach this probability, up to 1 [1]")
      ->check(CLI::Range(1e-6, 1.0))
      ->group(kGenerationGroup);
  AddSetter<int>(
      app, "--top-k", "K", [=](int k) { settings->set_top_k(k); },
      "Sample among this many likeliest tokens; 0: off [0]")
      ->check(CLI::Range(0, 65536))
      ->group(kGenerationGroup);
  AddSetter<float>(
      app, "--repetition-penalty", "R", [=](float r) { settings->set_repetition_penalty(r); },
      "Holds back tokens that occurred already, 1 to 2; 1: off [1]")
      ->check(CLI::Range(1.0, 2.0))
      ->group(kGenerationGroup);
  AddSetter<int64_t>(
      app, "--seed", "N", [=](int64_t seed) { settings->set_seed(seed); },
      "The same seed gives the same answer [random]")
      ->group(kGenerationGroup);
  app.add_option_function<std::vector<std::string>>(
         "--stop",
         [=](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) settings->add_stop(text);
         },
         "End the answer before this text; repeat for more, at most 8")
      ->type_name("TEXT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(kGenerationGroup);
}

}  // namespace mrmllm

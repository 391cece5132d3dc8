// SPDX-License-Identifier: Apache-2.0
#include "server/security/callers_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/status_macros.h"
#include "base/string_views.h"
#include "base/tenant.h"

namespace mrmllm {
namespace {

constexpr double kMaxWeight = 1000;
constexpr int64_t kMaxAmount = int64_t{1} << 40;
constexpr size_t kMaxNames = 1024;  // in one list

absl::Status Fault(const std::string& where, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", AbslView(what)));
}

absl::Status Unexpected(const std::string& where, std::string_view expected,
                        const std::string& got) {
  return Fault(where,
               absl::StrCat("expected ", AbslView(expected), ", got '", got.substr(0, 100), "'"));
}

using ReadField = std::function<absl::Status(const std::string& where, const YAML::Node&)>;

// Every field of a map through its reader; an unknown one, or one that comes twice, is a fault.
absl::Status ReadMap(const std::string& where, const YAML::Node& node,
                     const std::map<std::string, ReadField>& fields) {
  if (!node.IsMap()) return Fault(where, "expected a map");
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const auto field = fields.find(name);
    if (field == fields.end()) {
      return Unexpected(
          where,
          absl::StrCat("the fields ", absl::StrJoin(fields, ", ",
                                                    [](std::string* out, const auto& known) {
                                                      out->append(known.first);
                                                    })),
          name);
    }
    if (!seen.insert(name).second) return Fault(absl::StrCat(where, ".", name), "came twice");
    RETURN_IF_ERROR(field->second(absl::StrCat(where, ".", name), entry.second));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadScalar(const std::string& where, const YAML::Node& node) {
  if (!node.IsScalar()) return Fault(where, "expected a single value");
  return node.Scalar();
}

absl::StatusOr<std::vector<std::string>> ReadList(const std::string& where,
                                                  const YAML::Node& node) {
  if (!node.IsSequence() || node.size() == 0 || node.size() > kMaxNames) {
    return Fault(where, absl::StrCat("expected a list of 1 to ", kMaxNames, " values"));
  }
  std::vector<std::string> values;
  for (const YAML::Node& value : node) {
    ASSIGN_OR_RETURN(values.emplace_back(), ReadScalar(where, value));
  }
  return values;
}

ReadField Name(std::string* name) {
  return [name](const std::string& where, const YAML::Node& node) -> absl::Status {
    ASSIGN_OR_RETURN(*name, ReadScalar(where, node));
    if (IsValidTenant(*name)) return absl::OkStatus();
    return Unexpected(where, "1 to 64 characters of [A-Za-z0-9._-]", *name);
  };
}

ReadField Names(std::vector<std::string>* names) {
  return [names](const std::string& where, const YAML::Node& node) -> absl::Status {
    ASSIGN_OR_RETURN(*names, ReadList(where, node));
    for (const std::string& name : *names) {
      if (!IsValidTenant(name)) {
        return Unexpected(where, "1 to 64 characters of [A-Za-z0-9._-]", name);
      }
    }
    return absl::OkStatus();
  };
}

// Above 0, and not NaN.
ReadField Number(double highest, std::function<void(double)> set) {
  return [highest, set = std::move(set)](const std::string& where,
                                         const YAML::Node& node) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string text, ReadScalar(where, node));
    double value = 0;
    if (!absl::SimpleAtod(text, &value) || !(value > 0 && value <= highest)) {
      return Unexpected(where, absl::StrCat("a number in (0, ", highest, "]"), text);
    }
    set(value);
    return absl::OkStatus();
  };
}

ReadField Amount(int64_t* amount) {
  return [amount](const std::string& where, const YAML::Node& node) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string text, ReadScalar(where, node));
    if (absl::SimpleAtoi(text, amount) && *amount >= 1 && *amount <= kMaxAmount) {
      return absl::OkStatus();
    }
    return Unexpected(where, absl::StrCat("a whole number in [1, ", kMaxAmount, "]"), text);
  };
}

void AddRateFields(RateLimit* rate, std::map<std::string, ReadField>* fields) {
  (*fields)["requests_per_second"] =
      Number(kMaxCallsPerSecond, [rate](double value) { rate->per_second = value; });
  (*fields)["burst"] = [rate](const std::string& where, const YAML::Node& node) {
    int64_t burst = 0;
    RETURN_IF_ERROR(Amount(&burst)(where, node));
    rate->burst = static_cast<double>(burst);
    return absl::OkStatus();
  };
}

ReadField KeyHashes(std::vector<KeyDigest>* keys) {
  return [keys](const std::string& where, const YAML::Node& node) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<std::string> hashes, ReadList(where, node));
    for (const std::string& hash : hashes) {
      absl::StatusOr<KeyDigest> digest = ParseKeyHash(hash);
      if (!digest.ok()) {
        const absl::string_view text = digest.status().message();
        return Fault(where, std::string_view(text.data(), text.size()));
      }
      keys->push_back(*digest);
    }
    return absl::OkStatus();
  };
}

ReadField Certificates(std::vector<std::string>* identities) {
  return [identities](const std::string& where, const YAML::Node& node) -> absl::Status {
    ASSIGN_OR_RETURN(*identities, ReadList(where, node));
    for (const std::string& identity : *identities) {
      const bool of_a_kind = identity.starts_with("uri:") || identity.starts_with("dns:") ||
                             identity.starts_with("cn:");
      if (!of_a_kind || identity.ends_with(':')) {
        return Unexpected(where, "uri:, dns: or cn: and a name", identity);
      }
    }
    return absl::OkStatus();
  };
}

absl::Status ReadRpcs(Caller* caller, const std::string& where, const YAML::Node& node) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ReadList(where, node));
  for (const std::string& name : names) {
    if (name == "*") {
      caller->any_rpc = true;
    } else if (std::ranges::all_of(name, [](unsigned char c) { return absl::ascii_isalnum(c); }) &&
               !name.empty()) {
      caller->rpcs.insert(name);
    } else {
      return Unexpected(where, "\"*\" or the names of methods, like Detect", name);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadAdmin(Caller* caller, const std::string& where, const YAML::Node& node) {
  ASSIGN_OR_RETURN(const std::string text, ReadScalar(where, node));
  caller->admin = text == "true";
  if (caller->admin || text == "false") return absl::OkStatus();
  return Unexpected(where, "true or false", text);
}

absl::Status ReadPriority(Caller* caller, const std::string& where, const YAML::Node& node) {
  static const auto& priorities = *new std::map<std::string, Priority>{
      {"high", Priority::kHigh}, {"normal", Priority::kNormal}, {"low", Priority::kLow}};
  ASSIGN_OR_RETURN(const std::string text, ReadScalar(where, node));
  const auto found = priorities.find(text);
  if (found == priorities.end()) return Unexpected(where, "high, normal or low", text);
  caller->max_priority = found->second;
  return absl::OkStatus();
}

absl::Status CheckCaller(const std::string& where, const std::string& tenant, Caller* caller) {
  if (caller->id.empty()) return Fault(where, "expected an id");
  if (caller->keys.empty() && caller->certificates.empty()) {
    return Fault(where, "expected key_hashes or certificates");
  }
  if (!caller->any_rpc && caller->rpcs.empty() && !caller->admin) {
    return Fault(where, "expected rpcs");
  }
  if (caller->rate.burst > 0 && caller->rate.per_second == 0) {
    return Fault(where, "expected requests_per_second where there is a burst");
  }
  if (!tenant.empty() && !caller->tenants.empty()) {
    return Fault(where, "expected tenant or tenants, got both");
  }
  if (caller->tenants.empty()) caller->tenants = {tenant.empty() ? caller->id : tenant};
  return absl::OkStatus();
}

absl::StatusOr<Caller> ReadCaller(const std::string& where, const YAML::Node& node) {
  Caller caller;
  std::string tenant;
  std::map<std::string, ReadField> fields = {
      {"id", Name(&caller.id)},
      {"tenant", Name(&tenant)},
      {"tenants", Names(&caller.tenants)},
      {"key_hashes", KeyHashes(&caller.keys)},
      {"certificates", Certificates(&caller.certificates)},
      {"rpcs", std::bind_front(ReadRpcs, &caller)},
      {"admin", std::bind_front(ReadAdmin, &caller)},
      {"max_priority", std::bind_front(ReadPriority, &caller)},
  };
  AddRateFields(&caller.rate, &fields);
  RETURN_IF_ERROR(ReadMap(where, node, fields));
  RETURN_IF_ERROR(CheckCaller(where, tenant, &caller));
  return caller;
}

absl::StatusOr<TenantTerms> ReadTerms(const std::string& where, const YAML::Node& node) {
  TenantTerms terms;
  std::map<std::string, ReadField> fields = {
      {"weight", Number(kMaxWeight, [&](double value) { terms.weight = value; })},
      {"max_requests", Amount(&terms.quota.requests)},
      {"max_pixels", Amount(&terms.quota.pixels)},
      {"max_tokens", Amount(&terms.quota.tokens)},
  };
  AddRateFields(&terms.rate, &fields);
  RETURN_IF_ERROR(ReadMap(where, node, fields));
  return terms;
}

// A key, certificate or id of two callers would be two opinions of who is calling.
absl::Status CheckUnique(const std::vector<Caller>& callers) {
  std::set<std::string> ids, certificates;
  std::set<KeyDigest> keys;
  for (const Caller& caller : callers) {
    const std::string where = absl::StrCat("caller '", caller.id, "'");
    if (!ids.insert(caller.id).second) return Fault(where, "came twice");
    for (const KeyDigest& key : caller.keys) {
      if (!keys.insert(key).second) return Fault(where, "has a key that came before");
    }
    for (const std::string& identity : caller.certificates) {
      if (!certificates.insert(identity).second) {
        return Fault(where, absl::StrCat("has the certificate '", identity, "' that came before"));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Callers> ReadCallers(const YAML::Node& root) {
  Callers result;
  const ReadField read_callers = [&](const std::string& where,
                                     const YAML::Node& list) -> absl::Status {
    if (!list.IsSequence()) return Fault(where, "expected a list of callers");
    for (size_t i = 0; i < list.size(); ++i) {
      ASSIGN_OR_RETURN(result.callers.emplace_back(),
                       ReadCaller(absl::StrCat("callers[", i, "]"), list[i]));
    }
    return CheckUnique(result.callers);
  };
  const ReadField read_tenants = [&](const std::string& where,
                                     const YAML::Node& map) -> absl::Status {
    if (!map.IsMap()) return Fault(where, "expected a map of tenants");
    for (const auto& entry : map) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (!IsValidTenant(name)) return Unexpected(where, "the name of a tenant", name);
      ASSIGN_OR_RETURN(const TenantTerms terms,
                       ReadTerms(absl::StrCat("tenants.", name), entry.second));
      if (!result.tenants.try_emplace(name, terms).second) {
        return Fault(absl::StrCat("tenants.", name), "came twice");
      }
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      ReadMap("the file", root, {{"callers", read_callers}, {"tenants", read_tenants}}));
  if (result.callers.empty()) return Fault("callers", "expected at least one caller");
  return result;
}

}  // namespace

absl::StatusOr<Callers> ParseCallers(std::string_view yaml) {
  try {
    return ReadCallers(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("line ", error.mark.line + 1, ": ", error.msg));
  }
}

}  // namespace mrmllm

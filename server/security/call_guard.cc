// SPDX-License-Identifier: Apache-2.0
#include "server/security/call_guard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_views.h"

namespace mrmllm {
namespace {

using Verdict = CallGuard::Verdict;

bool NeedsAdmin(std::string_view method) {
  return method == "LoadModel" || method == "UnloadModel";
}

bool MayCall(const Caller& caller, std::string_view method) {
  if (NeedsAdmin(method)) return caller.admin;
  return caller.any_rpc || caller.rpcs.contains(AbslView(method));
}

Verdict Refuse(absl::Status status, AuthFailure failure) {
  Verdict verdict;
  verdict.status = std::move(status);
  verdict.failure = failure;
  return verdict;
}

}  // namespace

void CallGuard::SetCallers(std::shared_ptr<const CallerDirectory> callers) {
  absl::MutexLock lock(&mutex_);
  callers_.swap(callers);
}

std::shared_ptr<const CallerDirectory> CallGuard::callers() const {
  absl::MutexLock lock(&mutex_);
  return callers_;
}

Verdict CallGuard::Check(std::string_view method, const CallCredentials& credentials,
                         std::string_view tenant) {
  const std::shared_ptr<const CallerDirectory> known = callers();
  const Caller* caller = nullptr;
  Verdict verdict = known == nullptr ? CheckOpen(method, tenant)
                                     : CheckClosed(*known, method, credentials, tenant, &caller);
  if (!verdict.status.ok()) return verdict;

  RateLimit of_tenant = options_.tenant_rate;
  if (known != nullptr) {
    const RateLimit& own = known->TermsOf(verdict.tenant).rate;
    if (own.per_second > 0) of_tenant = own;
  }
  const RateLimiter::Bucket buckets[] = {
      {absl::StrCat("tenant/", verdict.tenant), of_tenant},
      {absl::StrCat("caller/", verdict.caller), caller ? caller->rate : RateLimit{}},
  };
  verdict.retry_after = rates_.Take(buckets, options_.clock->Now());
  if (verdict.retry_after > absl::ZeroDuration()) {
    verdict.status = absl::ResourceExhaustedError(
        absl::StrCat("too many requests a second; the next one may come in ",
                     absl::FormatDuration(verdict.retry_after)));
  }
  return verdict;
}

Verdict CallGuard::CheckOpen(std::string_view method, std::string_view tenant) const {
  if (NeedsAdmin(method) && !options_.open_admin) {
    return Refuse(absl::PermissionDeniedError(absl::StrCat(
                      AbslView(method), " is for administrators, and this server knows none")),
                  AuthFailure::kMethod);
  }
  Verdict verdict;
  verdict.tenant = std::string(tenant);
  return verdict;
}

Verdict CallGuard::CheckClosed(const CallerDirectory& callers, std::string_view method,
                               const CallCredentials& credentials, std::string_view tenant,
                               const Caller** caller) {
  if (credentials.malformed) {
    return Refuse(absl::UnauthenticatedError(
                      "expected one API key, as authorization: Bearer KEY or as x-api-key"),
                  AuthFailure::kMalformed);
  }
  if (!credentials.api_key.empty()) {
    *caller = callers.FindByKey(credentials.api_key);
    if (*caller == nullptr) {
      return Refuse(absl::UnauthenticatedError("the API key is not known"),
                    AuthFailure::kUnknownKey);
    }
  } else if (!credentials.certificate.empty()) {
    *caller = callers.FindByCertificate(credentials.certificate);
    if (*caller == nullptr) {
      return Refuse(absl::UnauthenticatedError("the client certificate is no caller's"),
                    AuthFailure::kUnknownCertificate);
    }
  } else {
    return Refuse(
        absl::UnauthenticatedError("expected an API key (authorization: Bearer KEY, or x-api-key) "
                                   "or a client certificate, got neither"),
        AuthFailure::kNoCredentials);
  }

  const Caller& who = **caller;
  if (!MayCall(who, method)) {
    Verdict refused = Refuse(absl::PermissionDeniedError(absl::StrCat(
                                 "caller '", who.id, "' may not call ", AbslView(method))),
                             AuthFailure::kMethod);
    refused.caller = who.id;
    return refused;
  }
  if (!tenant.empty() && std::ranges::find(who.tenants, tenant) == who.tenants.end()) {
    Verdict refused = Refuse(absl::PermissionDeniedError(absl::StrCat(
                                 "caller '", who.id, "' does not work for the tenant it named")),
                             AuthFailure::kTenant);
    refused.caller = who.id;
    return refused;
  }
  Verdict verdict;
  verdict.caller = who.id;
  verdict.tenant = tenant.empty() ? who.tenants.front() : std::string(tenant);
  verdict.max_priority = who.max_priority;
  return verdict;
}

}  // namespace mrmllm

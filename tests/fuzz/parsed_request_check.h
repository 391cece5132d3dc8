// SPDX-License-Identifier: Apache-2.0
#ifndef MRMLLM_TESTS_FUZZ_PARSED_REQUEST_CHECK_H_
#define MRMLLM_TESTS_FUZZ_PARSED_REQUEST_CHECK_H_

#include "server/rpc/request/parsed_request.h"
#include "server/rpc/request/request_validation.h"

namespace mrmllm {

// The rules under which requests are fuzzed: at most 3 images, an engine with two labels.
const ValidationRules& FuzzRules();

// What must hold for every request that validation accepts, whichever contract it came by: each
// number and text within the contract's limits. Its images are then taken in under small limits,
// which must end in an image or a refusal.
void CheckParsedRequest(const ParsedRequest& request);

}  // namespace mrmllm

#endif  // MRMLLM_TESTS_FUZZ_PARSED_REQUEST_CHECK_H_

// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/reply/agreement.h"

#include <algorithm>
#include <optional>

#include "server/rpc/reply/reading/claims.h"

namespace mrmllm {
namespace {

// The objects of a claim's classes in one image.
struct Found {
  int image_index = 0;
  int sure = 0;
  SeenObjects objects;

  int all() const { return static_cast<int>(objects.size()); }
};

Found FindIn(absl::Span<const SeenObjects> images, int image_index, const ClassMeaning& meaning) {
  Found found{.image_index = image_index};
  for (const SeenObject& object : images[image_index]) {
    if (std::ranges::find(meaning.labels, object.detection->label) == meaning.labels.end()) {
      continue;
    }
    found.objects.push_back(object);
    found.sure += object.detection->sure ? 1 : 0;
  }
  return found;
}

// What of the claim's classes each image shows that it may speak of.
std::vector<Found> Candidates(const Claim& claim, absl::Span<const SeenObjects> images) {
  std::vector<Found> candidates;
  for (int i = 0; i < static_cast<int>(images.size()); ++i) {
    if (claim.image.value_or(i) == i) candidates.push_back(FindIn(images, i, claim.meaning));
  }
  return candidates;
}

template <typename Predicate>
bool AnyObject(const std::vector<Found>& candidates, Predicate predicate) {
  return std::ranges::any_of(candidates, [&](const Found& found) {
    return std::ranges::any_of(found.objects, predicate);
  });
}

// What became of a claim: borne out, contradicted, or beyond what the boxes can tell.
struct Verdict {
  bool judged = true;
  std::optional<ConflictKind> conflict;
};

bool BearsOut(int sure, int all, const Claim& claim) {
  return claim.quantity.min <= all && (claim.narrower || claim.quantity.max >= sure);
}

Verdict JudgeCount(const Claim& claim, const std::vector<Found>& candidates) {
  int sure = 0;
  int all = 0;
  bool borne_out = false;
  for (const Found& found : candidates) {
    borne_out |= BearsOut(found.sure, found.all(), claim);
    sure += found.sure;
    all += found.all();
  }
  if (borne_out || BearsOut(sure, all, claim)) return {};
  return {.conflict = all == 0 ? ConflictKind::kAbsent : ConflictKind::kCount};
}

Verdict JudgeDenial(const std::vector<Found>& candidates) {
  const bool there =
      AnyObject(candidates, [](const SeenObject& object) { return object.detection->sure; });
  return {.conflict = there ? std::optional(ConflictKind::kPresent) : std::nullopt};
}

Verdict JudgePlace(const Claim& claim, const std::vector<Found>& candidates) {
  if (!AnyObject(candidates, [](const SeenObject&) { return true; })) return {.judged = false};
  const bool borne_out = AnyObject(candidates, [&](const SeenObject& object) {
    return LiesAt(object.detection->box, claim.place);
  });
  return {.conflict = borne_out ? std::nullopt : std::optional(ConflictKind::kPlace)};
}

Verdict JudgeRelation(const Claim& claim, absl::Span<const SeenObjects> images,
                      const std::vector<Found>& candidates) {
  bool judged = false;
  for (const Found& found : candidates) {
    const Found others = FindIn(images, found.image_index, claim.reference);
    for (const SeenObject& object : found.objects) {
      for (const SeenObject& other : others.objects) {
        if (object.detection == other.detection) continue;
        judged = true;
        if (LiesTo(object.detection->box, claim.place, other.detection->box)) return {};
      }
    }
  }
  return {.judged = judged,
          .conflict = judged ? std::optional(ConflictKind::kPlace) : std::nullopt};
}

Verdict JudgeColor(const Claim& claim, const std::vector<Found>& candidates) {
  const auto has_color = [&](const SeenObject& object) {
    return object.detection->color == claim.color;
  };
  const auto may_have_any = [](const SeenObject& object) {
    return object.detection->color.empty();
  };
  if (AnyObject(candidates, has_color)) return {};
  const bool seen = AnyObject(candidates, [](const SeenObject&) { return true; });
  if (!seen || AnyObject(candidates, may_have_any)) return {.judged = false};
  return {.conflict = ConflictKind::kColor};
}

Verdict Judge(const Claim& claim, absl::Span<const SeenObjects> images,
              const std::vector<Found>& candidates) {
  switch (claim.kind) {
    case Claim::Kind::kThere:
      return JudgeCount(claim, candidates);
    case Claim::Kind::kNotThere:
      return JudgeDenial(candidates);
    case Claim::Kind::kPlace:
      return JudgePlace(claim, candidates);
    case Claim::Kind::kRelation:
      return JudgeRelation(claim, images, candidates);
    case Claim::Kind::kColor:
      return JudgeColor(claim, candidates);
  }
  return {};
}

Conflict Describe(const Claim& claim, ConflictKind kind, const std::vector<Found>& candidates) {
  // Of several images the one that shows most of it.
  const Found& found = *std::ranges::max_element(candidates, {}, &Found::all);
  Conflict conflict{.kind = kind,
                    .start_byte = claim.start_byte,
                    .end_byte = claim.end_byte,
                    .image_index = found.image_index,
                    .label = claim.meaning.is_group ? claim.meaning.noun : claim.meaning.labels[0],
                    .claimed_count = std::max(claim.quantity.min, 1),
                    .found_count = found.sure};
  if (kind == ConflictKind::kPresent) conflict.claimed_count = 0;
  // "at most three" against four
  if (kind == ConflictKind::kCount && claim.quantity.max < found.sure) {
    conflict.claimed_count = claim.quantity.max;
  }
  for (const SeenObject& object : found.objects) {
    if (object.id >= 0) conflict.detection_ids.push_back(object.id);
  }
  std::ranges::sort(conflict.detection_ids);
  return conflict;
}

}  // namespace

Agreement CheckAgreement(std::string_view answer, const ClassWords& class_words,
                         absl::Span<const SeenObjects> images) {
  Agreement agreement;
  if (images.empty()) return agreement;
  for (const Claim& claim : FindClaims(answer, class_words, static_cast<int>(images.size()))) {
    const std::vector<Found> candidates = Candidates(claim, images);
    const Verdict verdict = Judge(claim, images, candidates);
    if (!verdict.judged) continue;
    ++agreement.claim_count;
    if (verdict.conflict.has_value()) {
      agreement.conflicts.push_back(Describe(claim, *verdict.conflict, candidates));
    }
  }
  if (agreement.claim_count > 0) {
    agreement.score = 1.0f - static_cast<float>(agreement.conflicts.size()) /
                                 static_cast<float>(agreement.claim_count);
  }
  return agreement;
}

}  // namespace mrmllm

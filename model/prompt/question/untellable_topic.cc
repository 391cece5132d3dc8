// SPDX-License-Identifier: Apache-2.0
#include "model/prompt/question/untellable_topic.h"

#include <algorithm>
#include <string_view>

#include "base/words/question_words.h"

namespace mrmllm {
namespace {

struct TopicPhrase {
  std::string_view phrase;
  std::string_view subject;
  bool of_image;
};

// The first that the question contains counts.
constexpr TopicPhrase kTopics[] = {
    {"happening", "What is happening", true},
    {"going on", "What is happening", true},
    {"taking place", "What is happening", true},
    {"happened", "What happened", false},
    {"happens next", "What happens next", true},
    {"happen next", "What happens next", true},
    {"why", "The reason", false},
    {"reason", "The reason", false},
    {"mood", "The mood", true},
    {"emotion", "The mood", false},
    {"emotions", "The mood", false},
    {"emotional", "The mood", false},
    {"feel", "The mood", false},
    {"feels", "The mood", false},
    {"happy", "The mood", false},
    {"sad", "The mood", false},
    {"angry", "The mood", false},
    {"scared", "The mood", false},
    {"bored", "The mood", false},
    {"tired", "The mood", false},
    {"excited", "The mood", false},
    {"facial expression", "The mood", false},
    {"name of the", "The name", false},
    {"s name", "The name", false},
    {"his name", "The name", true},
    {"her name", "The name", true},
    {"called", "The name", false},
    {"named", "The name", false},
    {"who is", "Who it is", false},
    {"who s", "Who it is", false},
    {"who are", "Who it is", false},
    {"whose", "Whose it is", false},
    {"what time", "The time", false},
    {"time of day", "The time", true},
    {"time of year", "The time", true},
    {"what day", "The time", false},
    {"what year", "The time", false},
    {"which year", "The time", false},
    {"season", "The time", false},
    {"when was", "The time", false},
    {"when is", "The time", false},
    {"when did", "The time", false},
    {"sign say", "The text", true},
    {"say on", "The text", true},
    {"it say", "The text", true},
    {"sign says", "The text", true},
    {"written", "The text", false},
    {"read", "The text", false},
    {"text", "The text", false},
    {"license plate", "The text", true},
    {"number plate", "The text", true},
    {"title", "The text", false},
    {"how old", "The age", false},
    {"age", "The age", false},
    {"the weather", "The weather", true},
    {"weather like", "The weather", true},
    {"sunny", "The weather", false},
    {"temperature", "The weather", false},
    {"how warm", "The weather", false},
    {"how cold", "The weather", false},
    {"taken", "Where and when the photo was taken", true},
    {"country", "The place", false},
    {"city", "The place", false},
    {"town", "The place", false},
    {"street name", "The place", false},
    {"color is the", "The color", true},
    {"colour is the", "The color", true},
    {"color are the", "The color", true},
    {"colour are the", "The color", true},
    {"price", "The price", false},
    {"cost", "The price", false},
    {"expensive", "The price", false},
    {"worth", "The price", false},
    {"brand", "The brand", false},
    {"manufacturer", "The brand", false},
    {"smell", "The smell", false},
    {"taste", "The taste", false},
    {"sound", "The sound", false},
    {"weigh", "The weight", false},
    {"heavy", "The weight", false},
    {"related", "How they are related", false},
    {"married", "How they are related", false},
    {"friends", "How they are related", false},
    {"know each other", "How they are related", false},
    {"job", "The occupation", false},
    {"occupation", "The occupation", false},
    {"profession", "The occupation", false},
    {"think about", "What someone thinks", false},
    {"thoughts", "What someone thinks", false},
};

// Words in -ing that are no action.
bool IsAction(std::string_view word) {
  constexpr std::string_view kEnd = "ing";
  if (word.size() < 5 || !word.ends_with(kEnd)) return false;
  constexpr std::string_view kOthers[] = {
      "thing",      "something",   "anything",   "everything", "nothing",   "string",
      "spring",     "bring",       "swing",      "building",   "morning",   "evening",
      "ceiling",    "painting",    "drawing",    "clothing",   "living",    "dining",
      "parking",    "missing",     "containing", "including",  "showing",   "describing",
      "being",      "interesting", "during",     "using",      "amazing",   "regarding",
      "concerning", "counting",    "depicting",  "appearing",  "according", "lying",
      "sitting",    "standing",    "following",  "remaining",  "existing",  "seeing",
      "having",     "noticing",    "detecting"};
  return std::find(std::begin(kOthers), std::end(kOthers), word) == std::end(kOthers);
}

}  // namespace

std::optional<UntellableTopic> FindUntellableTopic(const std::vector<std::string>& words) {
  // Their color is common knowledge, and asked for as such.
  const bool known_color = ContainsAny(
      words, {"sky", "grass", "sun", "sea", "ocean", "snow", "milk", "blood", "moon", "leaves"});
  for (const TopicPhrase& topic : kTopics) {
    if (FindPhrase(words, topic.phrase) == kNoPhrase) continue;
    if (topic.subject == "The color" && known_color) continue;
    return UntellableTopic{std::string(topic.subject), false, topic.of_image};
  }
  const auto action = std::find_if(words.begin(), words.end(),
                                   [](const std::string& word) { return IsAction(word); });
  if (action == words.end()) return std::nullopt;
  return UntellableTopic{*action, true, false};
}

}  // namespace mrmllm

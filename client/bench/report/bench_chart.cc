// SPDX-License-Identifier: Apache-2.0
#include "client/bench/report/bench_chart.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/bench/report/svg.h"

namespace mrmllm {
namespace {

constexpr int kWidth = 960;
constexpr int kHeight = 412;
constexpr int kAxisSteps = 5;

constexpr char kStyle[] =
    ".page { fill: #ffffff }\n"
    "text { fill: #222; font-size: 13px }\n"
    ".title { font-size: 16px; font-weight: 600 }\n"
    ".quiet { fill: #666 }\n"
    ".failed { fill: #b3261e }\n"
    ".grid { stroke: #e3e3e6 }\n"
    ".axis { stroke: #9a9aa2; stroke-width: 1.5 }\n"
    "polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round }\n"
    "polyline.rate { stroke: #4a80c4 } circle.rate, text.rate { fill: #2f68b0 }\n"
    "polyline.p50 { stroke: #4c9a5b } circle.p50, text.p50 { fill: #35793f }\n"
    "polyline.p99 { stroke: #c98f26 } circle.p99, text.p99 { fill: #9a6a10 }\n"
    // Words stand out from the lines that they cross.
    "text.rate, text.p50, text.p99 { paint-order: stroke; stroke: #ffffff; stroke-width: 3px }\n"
    "@media (prefers-color-scheme: dark) {\n"
    ".page { fill: #17181c }\n"
    "text { fill: #e6e6ea }\n"
    ".quiet { fill: #a0a0aa }\n"
    ".failed { fill: #ff8a80 }\n"
    ".grid { stroke: #2c2e35 }\n"
    ".axis { stroke: #6b6d78 }\n"
    "text.rate, text.p50, text.p99 { stroke: #17181c }\n"
    "circle.rate, text.rate { fill: #82b1ea }\n"
    "circle.p50, text.p50 { fill: #7fce8e }\n"
    "circle.p99, text.p99 { fill: #eab95c }\n"
    "}\n";

// One line of a panel. A level without a value interrupts it.
struct Series {
  std::string css_class;
  std::string name;  // empty: needs none
  std::vector<std::optional<double>> values;
};

// One pair of axes: what stands over the levels.
class Panel {
 public:
  Panel(Svg* svg, double left, double right, std::vector<std::string> levels)
      : svg_(*svg), left_(left), right_(right), levels_(std::move(levels)) {}

  void Draw(const std::string& title, const std::string& unit, const std::string& level_unit,
            const std::vector<Series>& series) {
    double most = 0;
    for (const Series& line : series) {
      for (const std::optional<double>& value : line.values)
        most = std::max(most, value.value_or(0));
    }
    DrawAxes(title, unit, level_unit, AxisSteps(most, kAxisSteps));
    double legend = right_;
    for (auto line = series.rbegin(); line != series.rend(); ++line) {
      DrawSeries(*line);
      if (line->name.empty()) continue;
      svg_.Text({legend, kTop - 24}, line->name, line->css_class, Svg::Anchor::kEnd);
      svg_.Dot({legend - 34, kTop - 28}, 4, line->css_class);
      legend -= 60;
    }
  }

 private:
  static constexpr double kTop = 120;
  static constexpr double kBottom = 350;
  static constexpr double kApart = 10;  // a dot and its value

  double X(size_t level) const {
    const double step = (right_ - left_) / static_cast<double>(levels_.size());
    return left_ + step * (static_cast<double>(level) + 0.5);
  }
  double Y(double value) const { return kBottom - (kBottom - kTop) * value / highest_; }

  void DrawAxes(const std::string& title, const std::string& unit, const std::string& level_unit,
                const std::vector<double>& steps) {
    highest_ = steps.back();
    svg_.Text({left_ - 60, kTop - 24}, title, "title", Svg::Anchor::kStart);
    for (const double step : steps) {
      svg_.Line({left_, Y(step)}, {right_, Y(step)}, step == 0 ? "axis" : "grid");
      svg_.Text({left_ - 8, Y(step) + 4}, NumberText(step), "quiet", Svg::Anchor::kEnd);
    }
    svg_.UprightText({left_ - 52, (kTop + kBottom) / 2}, unit, "quiet");
    for (size_t i = 0; i < levels_.size(); ++i) {
      svg_.Text({X(i), kBottom + 20}, levels_[i], "level", Svg::Anchor::kMiddle);
    }
    svg_.Text({(left_ + right_) / 2, kBottom + 42}, level_unit, "quiet", Svg::Anchor::kMiddle);
  }

  void DrawSeries(const Series& series) {
    std::vector<Svg::Point> run;
    const auto end_run = [&] {
      if (run.size() > 1) svg_.Polyline(run, series.css_class);
      run.clear();
    };
    for (size_t i = 0; i < series.values.size(); ++i) {
      if (!series.values[i].has_value()) {
        end_run();
        continue;
      }
      const Svg::Point point{X(i), Y(*series.values[i])};
      run.push_back(point);
      svg_.Dot(point, 4, series.css_class);
      const std::string text = NumberText(*series.values[i]);
      const bool below = series.css_class == "p50";
      if (!below) {
        svg_.Text({point.x, point.y - kApart}, text, series.css_class, Svg::Anchor::kMiddle);
      } else if (point.y + 2 * kApart < kBottom - 2) {
        svg_.Text({point.x, point.y + 2 * kApart}, text, series.css_class, Svg::Anchor::kMiddle);
      } else {
        // No room above the axis, and above the dot stands the other line's.
        svg_.Text({point.x - kApart, point.y - 3}, text, series.css_class, Svg::Anchor::kEnd);
      }
    }
    end_run();
  }

  Svg& svg_;
  const double left_;
  const double right_;
  const std::vector<std::string> levels_;
  double highest_ = 1;
};

}  // namespace

std::string BenchChart(const BenchSetting& setting, const std::vector<LevelSummary>& levels) {
  absl::Duration longest;
  for (const LevelSummary& level : levels) longest = std::max(longest, level.all.latency.p99);
  const bool in_seconds = longest >= absl::Seconds(2);
  Svg svg(kWidth, kHeight, "Throughput and latency of a server under load");
  std::vector<std::string> names;
  Series rate{"rate", "", {}};
  Series p50{"p50", "p50", {}};
  Series p99{"p99", "p99", {}};
  for (const LevelSummary& level : levels) {
    names.push_back(level.LevelText());
    rate.values.emplace_back(level.all.per_second);
    const bool any = level.all.ok > 0;
    const auto value = [&](absl::Duration duration) -> std::optional<double> {
      if (!any) return std::nullopt;
      return in_seconds ? absl::ToDoubleSeconds(duration) : absl::ToDoubleMilliseconds(duration);
    };
    p50.values.push_back(value(level.all.latency.p50));
    p99.values.push_back(value(level.all.latency.p99));
  }
  const bool open = !levels.empty() && levels[0].open_loop();
  const std::string level_unit =
      open ? "requests that arrive a second" : "clients at the same time";
  svg.Text({24, 30}, setting.model.empty() ? setting.server : setting.model, "title",
           Svg::Anchor::kStart);
  svg.Text({24, 52},
           absl::StrCat(setting.mix, ", ", setting.cold ? "every picture new" : "pictures repeated",
                        ", at most ", setting.max_new_tokens, " tokens"),
           "quiet", Svg::Anchor::kStart);
  Panel(&svg, 84, 460, names).Draw("Throughput", "requests answered a second", level_unit, {rate});
  Panel(&svg, 560, 936, names)
      .Draw("Latency", in_seconds ? "seconds" : "milliseconds", level_unit, {p50, p99});
  int failed = 0;
  for (const LevelSummary& level : levels) failed += level.all.failed() + level.not_sent;
  if (failed > 0) {
    svg.Text({936, 30}, absl::StrCat(failed, " requests failed or were not sent"), "failed",
             Svg::Anchor::kEnd);
  }
  return svg.Render(kStyle);
}

}  // namespace mrmllm

// SPDX-License-Identifier: Apache-2.0
#include "client/draw/typeface.h"

#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "opencv2/imgproc.hpp"
#include "unicode/utf8.h"

namespace mrmllm {
namespace {

constexpr char kFontFolder[] = "/usr/share/fonts/truetype/dejavu/";
constexpr UChar32 kReplacement = 0xFFFD;
constexpr int kFixedPoint = 64;  // FreeType's positions are in 1/64 pixel

// Calls `visit(code point)` for every character of `text`.
template <typename Visit>
void ForEachCharacter(absl::string_view text, const Visit& visit) {
  const int32_t length = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < length;) {
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    visit(character < 0 ? kReplacement : character);
  }
}

class FreeTypeTypeface : public Typeface {
 public:
  FreeTypeTypeface(FT_Library library, FT_Face face) : library_(library), face_(face) {}
  ~FreeTypeTypeface() override {
    FT_Done_Face(face_);
    FT_Done_FreeType(library_);
  }

  static std::unique_ptr<Typeface> Open(const std::string& path) {
    FT_Library library = nullptr;
    if (FT_Init_FreeType(&library) != 0) return nullptr;
    FT_Face face = nullptr;
    if (FT_New_Face(library, path.c_str(), 0, &face) != 0) {
      FT_Done_FreeType(library);
      return nullptr;
    }
    return std::make_unique<FreeTypeTypeface>(library, face);
  }

  int Width(absl::string_view text, int height) override {
    long position = 0;
    Layout(text, height, [&](FT_GlyphSlot, long end) { position = end; });
    return static_cast<int>((position + kFixedPoint - 1) / kFixedPoint);
  }

  void Draw(cv::Mat& picture, const Place& place, absl::string_view text, Color color) override {
    Layout(text, place.height, [&](FT_GlyphSlot glyph, long end) {
      const long start = end - glyph->advance.x;
      if (FT_Render_Glyph(glyph, FT_RENDER_MODE_NORMAL) != 0) return;
      const cv::Point corner(place.x + static_cast<int>(start / kFixedPoint) + glyph->bitmap_left,
                             place.baseline - glyph->bitmap_top);
      Blend(picture, corner, glyph->bitmap, color);
    });
  }

 private:
  // Loads every glyph and calls `visit(glyph, where it ends)`, in 1/64 pixel from the start.
  template <typename Visit>
  void Layout(absl::string_view text, int height, const Visit& visit) {
    FT_Set_Pixel_Sizes(face_, 0, static_cast<FT_UInt>(std::max(1, height)));
    long position = 0;
    FT_UInt previous = 0;
    ForEachCharacter(text, [&](UChar32 character) {
      const FT_UInt index = FT_Get_Char_Index(face_, static_cast<FT_ULong>(character));
      FT_Vector kerning{};
      if (previous != 0) FT_Get_Kerning(face_, previous, index, FT_KERNING_DEFAULT, &kerning);
      if (FT_Load_Glyph(face_, index, FT_LOAD_TARGET_LIGHT) != 0) return;
      position += kerning.x + face_->glyph->advance.x;
      visit(face_->glyph, position);
      previous = index;
    });
  }

  static void Blend(cv::Mat& picture, cv::Point corner, const FT_Bitmap& bitmap, Color color) {
    const int channels[] = {color.blue, color.green, color.red};
    for (int row = 0; row < static_cast<int>(bitmap.rows); ++row) {
      const int y = corner.y + row;
      if (y < 0 || y >= picture.rows) continue;
      const uint8_t* coverage = bitmap.buffer + static_cast<ptrdiff_t>(row) * bitmap.pitch;
      for (int column = 0; column < static_cast<int>(bitmap.width); ++column) {
        const int x = corner.x + column;
        if (x < 0 || x >= picture.cols) continue;
        cv::Vec3b& pixel = picture.at<cv::Vec3b>(y, x);
        for (int c = 0; c < 3; ++c) {
          const int blended = pixel[c] * (255 - coverage[column]) + channels[c] * coverage[column];
          pixel[c] = static_cast<uint8_t>((blended + 127) / 255);
        }
      }
    }
  }

  FT_Library library_;
  FT_Face face_;
};

class StrokeTypeface : public Typeface {
 public:
  explicit StrokeTypeface(Weight weight) : weight_(weight) {}

  int Width(absl::string_view text, int height) override {
    int baseline = 0;
    return cv::getTextSize(Ascii(text), cv::FONT_HERSHEY_DUPLEX, Scale(height), Thickness(height),
                           &baseline)
        .width;
  }

  void Draw(cv::Mat& picture, const Place& place, absl::string_view text, Color color) override {
    cv::putText(picture, Ascii(text), {place.x, place.baseline}, cv::FONT_HERSHEY_DUPLEX,
                Scale(place.height), cv::Scalar(color.blue, color.green, color.red),
                Thickness(place.height), cv::LINE_AA);
  }

 private:
  // Hershey's capitals are 22 units high, about 0.73 of the em square of other typefaces.
  static double Scale(int height) { return height * 0.73 / 22; }
  int Thickness(int height) const {
    return std::max(1, height / (weight_ == Weight::kBold ? 12 : 18));
  }

  static std::string Ascii(absl::string_view text) {
    std::string ascii;
    ForEachCharacter(text, [&](UChar32 character) {
      ascii += character < 0x80 ? static_cast<char>(character) : '?';
    });
    return ascii;
  }

  Weight weight_;
};

}  // namespace

std::unique_ptr<Typeface> Typeface::Strokes(Weight weight) {
  return std::make_unique<StrokeTypeface>(weight);
}

std::unique_ptr<Typeface> Typeface::Load(Weight weight) {
  const char* const own = std::getenv("MRMLLM_FONT");
  const bool bold = weight == Weight::kBold;
  const std::string system =
      std::string(kFontFolder) + (bold ? "DejaVuSans-Bold.ttf" : "DejaVuSans.ttf");
  for (const std::string& path : {std::string(own == nullptr ? "" : own), system}) {
    if (path.empty()) continue;
    if (std::unique_ptr<Typeface> face = FreeTypeTypeface::Open(path)) return face;
  }
  return Strokes(weight);
}

}  // namespace mrmllm

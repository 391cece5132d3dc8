# SPDX-License-Identifier: Apache-2.0
# ccache and mold, where they are installed: the same build without them is only slower.
find_program(MRMLLM_CCACHE ccache)
if(MRMLLM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is only cached with this sloppiness; the base directory lets two checkouts share results.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${MRMLLM_CCACHE})
endif()
find_program(MRMLLM_MOLD mold)
if(MRMLLM_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>

#include <lepton/version.hpp>

// LEPTON_ASSERT(condition, "message") guards a contract: a breach is a bug in the calling program,
// not an outcome of scheduling (those are decisions and errors).
//
//   - Define LEPTON_ASSERT before the first Lepton header to use a mechanism of your own.
//   - Define LEPTON_ASSERTIONS to 1 or 0 to switch checks on or off; by default they follow NDEBUG.
//   - Switched off, the condition is still compiled but never evaluated, so it cannot rot.
//   - It is an expression of type void, fit for constant expressions: a breach met at compile time
//     is a compile error.
//
// Use the same setting in all translation units of a program (the one-definition rule).

#if !defined(LEPTON_ASSERTIONS)
#if defined(NDEBUG)
#define LEPTON_ASSERTIONS 0
#else
#define LEPTON_ASSERTIONS 1
#endif
#endif

// LEPTON_COLD: a function for failing paths, kept out of line and away from hot code.
// LEPTON_ALWAYS_INLINE: for the few one-line functions in inner loops that must not become calls.
#if defined(__GNUC__) || defined(__clang__)
#define LEPTON_COLD [[gnu::cold, gnu::noinline]]
#define LEPTON_ALWAYS_INLINE [[gnu::always_inline]] inline
#elif defined(_MSC_VER)
#define LEPTON_COLD __declspec(noinline)
#define LEPTON_ALWAYS_INLINE __forceinline
#else
#define LEPTON_COLD
#define LEPTON_ALWAYS_INLINE inline
#endif

namespace lepton::detail {

LEPTON_COLD [[noreturn]] inline void contract_broken(const char* where, const char* message,
                                                     const char* condition) noexcept {
  std::fputs(where, stderr);
  std::fputs(": ", stderr);
  std::fputs(message, stderr);
  std::fputs(" (broken contract: ", stderr);
  std::fputs(condition, stderr);
  std::fputs(")\n", stderr);
  std::abort();
}

}  // namespace lepton::detail

#if !defined(LEPTON_ASSERT)
#if LEPTON_ASSERTIONS
#define LEPTON_ASSERT(condition, message)                                                  \
  (static_cast<bool>(condition)                                                            \
       ? static_cast<void>(0)                                                              \
       : ::lepton::detail::contract_broken(__FILE__ ":" LEPTON_DETAIL_STRINGIFY(__LINE__), \
                                           message, #condition))
#else
#define LEPTON_ASSERT(condition, message) \
  static_cast<void>(sizeof(static_cast<bool>(condition) ? (message) : (message)))
#endif
#endif

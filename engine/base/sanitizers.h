// SPDX-License-Identifier: GPL-3.0-or-later
// LECTERN_ASAN, LECTERN_TSAN: the compiler adds AddressSanitizer or ThreadSanitizer; GCC and Clang say so in two ways.
#pragma once

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define LECTERN_ASAN
#endif
#if __has_feature(thread_sanitizer)
#define LECTERN_TSAN
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define LECTERN_ASAN
#endif
#ifdef __SANITIZE_THREAD__
#define LECTERN_TSAN
#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/heap.h"

#include <cstdlib>  // defines __GLIBC__
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace lectern {

void keepHeapSmall() {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 128 << 10);  // given explicitly, it no longer grows
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

}  // namespace lectern

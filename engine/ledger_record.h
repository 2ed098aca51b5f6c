// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include "engine/session_types.h"

namespace lectern {

/// An answer's ledger and the sampler it was made with, as they stand in a message's JSON (engine/session/FORMAT.md).
nlohmann::json ledgerJson(const AnswerLedger& ledger);
/// The reverse. What its maker did not know yet is as it is by default. Throws json::exception where a value is none.
AnswerLedger ledgerFrom(const nlohmann::json& record);

}  // namespace lectern

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <utility>

namespace lectern {

/// Turns into the integer that is asked for. Throws Json::type_error or out_of_range where the value is none or does
/// not fit: the library by itself casts fractions of any size.
template <class Json>
class WholeNumber {
public:
    explicit WholeNumber(const Json& value) : m_value(value) {}

    template <std::integral Number>
    requires(!std::same_as<Number, bool>) operator Number() const {  // NOLINT(google-explicit-constructor)
        const auto& number = m_value.template get_ref<const typename Json::number_integer_t&>();
        const bool fits = m_value.is_number_unsigned()
                              ? std::in_range<Number>(m_value.template get<typename Json::number_unsigned_t>())
                              : std::in_range<Number>(number);
        if (!fits) throw Json::out_of_range::create(401, "a whole number is too large", &m_value);
        return Number(number);
    }

private:
    const Json& m_value;
};

template <class Json>
WholeNumber<Json> whole(const Json& value) {
    return WholeNumber<Json>(value);
}

}  // namespace lectern

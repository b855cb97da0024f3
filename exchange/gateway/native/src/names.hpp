// Names and ids, as the directory told them.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "bytes.hpp"

namespace lockstep {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

using IdOf = std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>>;

// The accounts of one member; "" names the first one.
struct Accounts {
  IdOf by_name;
  uint32_t first = 0;

  uint32_t id(std::string_view name) const {
    if (name.empty()) return first;
    auto found = by_name.find(name);
    return found == by_name.end() ? 0 : found->second;
  }
};

class Names {
 public:
  void instrument(uint32_t id, std::string_view symbol) {
    symbols_[id] = symbol;
    instruments_[std::string(symbol)] = id;
  }
  void account(uint32_t id, uint32_t member_id, std::string_view name) {
    accounts_[id] = name;
    Accounts& own = by_member_[member_id];
    own.by_name[std::string(name)] = id;
    if (!own.first || id < own.first) own.first = id;
  }
  uint32_t instrument_id(std::string_view symbol) const {
    auto found = instruments_.find(symbol);
    return found == instruments_.end() ? 0 : found->second;
  }
  const Accounts& accounts_of(uint32_t member_id) const {
    static const Accounts none;
    auto found = by_member_.find(member_id);
    return found == by_member_.end() ? none : found->second;
  }
  std::string_view symbol(uint32_t id) const { return text(symbols_, id); }
  std::string_view account_name(uint32_t id) const { return text(accounts_, id); }

 private:
  using NameOf = std::unordered_map<uint32_t, std::string>;

  static std::string_view text(const NameOf& names, uint32_t id) {
    auto found = names.find(id);
    return found == names.end() ? std::string_view() : std::string_view(found->second);
  }

  NameOf symbols_;
  NameOf accounts_;
  IdOf instruments_;
  std::unordered_map<uint32_t, Accounts> by_member_;
};

}  // namespace lockstep

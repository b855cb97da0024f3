// R6.2: the uncross price of an auction, from aggregated orders.
//
// Candidates are the limits in the book. The price maximises the executable volume; of those, it
// minimises the absolute surplus; of those it is the highest if all have buy surplus, the lowest if
// all have sell surplus, else the one closest to the reference price, the higher of two.
#pragma once

#include "chapters.hpp"

namespace lockstep {

struct Quote {
  int64_t price;
  i128 qty;
};
using Quotes = std::vector<Quote>;

struct Candidate {
  int64_t price;
  i128 demand, supply;
  i128 volume() const { return std::min(demand, supply); }
  i128 surplus() const { return demand - supply; }
  i128 distance() const { return surplus() < 0 ? -surplus() : surplus(); }
};

// Walks the limits of a side, best first.
template <class F>
void each_quote(const BookSide& side, F&& f) {
  for (size_t i = side.rungs.size(); i-- > 0;) {
    Level* l = side.rungs[i].level;
    if (l->auction_qty && !f(l->price, l->auction_qty)) return;
  }
}

// Levels that can matter: up to the first beyond the best opposite limit, and further only while
// market orders of the other side are not filled.
inline Quotes reach(const BookSide& side, bool has_opposite, int64_t best_opposite, i128 own,
                    i128 opposite) {
  Quotes taken;
  i128 filled = own;
  bool is_beyond = false, buying = side.side == Side::BUY_;
  each_quote(side, [&](int64_t price, i128 qty) {
    if (is_beyond && filled >= opposite) return false;
    taken.push_back({price, qty});
    filled += qty;
    is_beyond = !has_opposite || (buying ? price < best_opposite : price > best_opposite);
    return true;
  });
  return taken;
}

inline i128 sum_to(const BookSide& side, int64_t limit) {
  i128 total = 0;
  bool buying = side.side == Side::BUY_;
  each_quote(side, [&](int64_t price, i128 qty) {
    if (buying ? price < limit : price > limit) return false;
    total += qty;
    return true;
  });
  return total;
}

inline Uncross find_uncross(const BookSide& bids, const BookSide& asks, int64_t reference) {
  i128 market_buy = bids.market_qty, market_sell = asks.market_qty;
  int64_t best_bid = 0, best_ask = 0;
  each_quote(bids, [&](int64_t p, i128) { best_bid = p; return false; });
  each_quote(asks, [&](int64_t p, i128) { best_ask = p; return false; });
  Quotes buys = reach(bids, best_ask != 0, best_ask, market_buy, market_sell);
  Quotes sells = reach(asks, best_bid != 0, best_bid, market_sell, market_buy);
  std::vector<Candidate> found;
  i128 demand = market_buy, supply = market_sell;
  for (auto& q : buys) demand += q.qty;
  size_t b = buys.size(), a = 0;  // buys stand best (highest) first: walked from the back
  while (b > 0 || a < sells.size()) {
    bool has_buy = b > 0, has_sell = a < sells.size();
    int64_t price = !has_sell                              ? buys[b - 1].price
                    : !has_buy                             ? sells[a].price
                                                           : std::min(buys[b - 1].price, sells[a].price);
    if (has_sell && sells[a].price == price) supply += sells[a++].qty;
    found.push_back({price, demand, supply});
    if (has_buy && buys[b - 1].price == price) demand -= buys[--b].qty;
  }
  i128 volume = 0;
  for (auto& c : found) volume = std::max(volume, c.volume());
  i128 market = std::min(market_buy, market_sell);
  Candidate best{};
  if (reference && volume <= market && market > 0) {
    best = {reference, market_buy + sum_to(bids, reference), market_sell + sum_to(asks, reference)};
  } else if (volume) {
    std::erase_if(found, [&](const Candidate& c) { return c.volume() != volume; });
    i128 least = found[0].distance();
    for (auto& c : found) least = std::min(least, c.distance());
    std::erase_if(found, [&](const Candidate& c) { return c.distance() != least; });
    bool all_buy = true, all_sell = true;
    for (auto& c : found) {
      all_buy &= c.surplus() > 0;
      all_sell &= c.surplus() < 0;
    }
    best = found[0];  // prices rise
    if (all_buy) {
      best = found.back();
    } else if (!all_sell) {
      auto away = [&](const Candidate& c) {
        i128 d = static_cast<i128>(c.price) - reference;
        return d < 0 ? -d : d;
      };
      for (auto& c : found)
        if (away(c) <= away(best)) best = c;
    }
  } else {
    return {};
  }
  int side = !best.surplus() ? 0 : best.surplus() > 0 ? int(Side::BUY_) : int(Side::SELL_);
  return {best.price, static_cast<u128>(best.volume()), static_cast<uint8_t>(side),
          static_cast<u128>(best.distance())};
}

}  // namespace lockstep

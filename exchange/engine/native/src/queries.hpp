// Read-only views of the state (the query half of the engine port), as rows of view_rows.py: each
// a u16 length and its bytes.
#pragma once

#include "engine.hpp"

namespace lockstep {

class Queries {
 public:
  Queries(State& s, Out& out) : s_(s), out_(out) { out_.clear(); }

  void instruments() {
    for (auto& l : s_.listings)
      row(InstrumentViewRow{l->instrument, l->phase, l->last_price, l->last_qty});
  }
  void members() {
    for (auto& m : s_.members) row(m->row);
  }
  void accounts() {
    for (auto& a : s_.accounts) row(a->row);
  }
  void trading_rules(uint32_t id) {
    if (Listing* l = s_.listing(id)) row(l->session.rules);
  }
  void auction(uint32_t id) {
    Listing* l = s_.listing(id);
    if (!l) return;
    const SessionState& t = l->session;
    row(AuctionViewRow{l->phase, t.call_end_ns, t.reopen_ns, t.indicated.price, t.indicated.volume,
                       t.indicated.imbalance_side, t.indicated.imbalance_qty, t.is_extended,
                       t.is_barred});
  }
  void dark(uint32_t id) {
    if (Listing* l = s_.listing(id)) row(dark_row(l->dark));
  }
  void schedule(uint32_t id) {
    if (Listing* l = s_.listing(id))
      for (auto& step : l->session.schedule) row(step);
  }
  void day_ends() {
    for (auto& end : s_.day_ends) row(end);
  }
  void kill_switches() {
    for (auto& [key, k] : s_.kill_switches)
      row(KillSwitchRow{key.first, key.second, k.operator_, k.reason, k.ts_ns});
  }
  void sessions() {
    for (auto& [id, e] : s_.sessions) row(SessionRow{id, e.member_id, e.cancel_on_disconnect});
  }
  void order(uint64_t id) {
    if (Order* o = id ? s_.orders.find(id) : nullptr) order_row(o);
  }
  void order_by_name(uint32_t member_id, std::string_view name) {
    Remembered* known = s_.names->find(member_id, name);
    if (!known) return;
    if (known->order_id) return order_row(s_.orders.find(known->order_id));
    if (!known->refused()) return;
    row(OrderViewRow{*known->refused(), known->reason, known->ts_ns, known->ts_ns, 0, kNoTerms});
  }
  void orders(uint32_t member_id, uint32_t instrument_id, uint64_t after, int64_t limit,
              bool live) {
    std::vector<Order*> found;
    if (live) {
      found = s_.select(member_id, 0, instrument_id, 0);
    } else {
      auto it = std::upper_bound(s_.order_ids.begin(), s_.order_ids.end(), after);
      for (; it != s_.order_ids.end() && static_cast<int64_t>(found.size()) < limit; ++it) {
        Order* o = s_.orders.find(*it);
        if ((!member_id || o->member_id == member_id) &&
            (!instrument_id || o->instrument_id == instrument_id))
          found.push_back(o);
      }
    }
    int64_t shown = 0;
    for (Order* o : found) {
      if (o->order_id <= after) continue;
      if (shown++ >= limit) break;
      order_row(o);
    }
  }
  void depth(uint32_t id, int64_t levels) {
    Listing* l = s_.listing(id);
    if (!l) return;
    for (const BookSide* side : {&l->book.bids, &l->book.asks}) {
      int64_t shown = 0;
      for (size_t i = side->rungs.size(); i-- > 0;) {
        Level* level = side->rungs[i].level;
        if (!level->queue.head) continue;
        row(LevelViewRow{static_cast<uint8_t>(side->side), level->price, level->qty,
                         level->queue.count});
        if (++shown == levels) break;
      }
    }
  }
  void positions(uint32_t account_id) {
    for (auto& a : s_.accounts) {
      if (account_id && a->row.account_id != account_id) continue;
      for (Line* l : a->lines)
        if (l->qty) row(PositionViewRow{a->row.account_id, l->instrument_id, Int256(l->qty)});
    }
  }
  void limits(uint32_t account_id) {
    AccountEntry* a = s_.account(account_id);
    if (!a) return;
    AccountLimits l = a->limits;
    l.account_id = account_id;
    row(l);
  }
  void balances(uint32_t account_id) {
    AccountEntry* a = s_.account(account_id);
    if (!a) return;
    std::set<std::string> currencies;
    for (auto& [id, amount] : a->cash)
      if (amount) currencies.insert(s_.currencies[id]);
    for (Line* l : a->lines)
      if (is_held(*l)) currencies.insert(s_.listing(l->instrument_id)->currency);
    for (auto& [key, deadline] : s_.calls)
      if (key.first == account_id) currencies.insert(key.second);
    for (auto& currency : currencies) balance(account_id, a->limits, currency);
  }
  void holdings(uint32_t account_id) {
    AccountEntry* a = s_.account(account_id);
    if (!a) return;
    for (Line* l : a->lines) {
      if (!is_held(*l)) continue;
      Listing& listing = *s_.listing(l->instrument_id);
      row(HoldingViewRow{l->instrument_id, Int256(l->qty), l->cost, l->realised,
                         position_value(listing, *l) - l->cost, listing.mark(), Int256(l->buy_qty),
                         Int256(l->sell_qty)});
    }
  }
  uint64_t day_trades(uint32_t account_id) {
    uint64_t count = 0;
    if (AccountEntry* a = s_.account(account_id))
      for (auto& [day, n] : a->day_trades) count += n;
    return count;
  }
  void trade(uint64_t id) {
    TradeRecord* r = s_.trade(id);
    if (r)
      row(TradeViewRow{r->trade_id, r->instrument_id, r->price, r->qty, r->buy_account_id,
                       r->sell_account_id, r->buy_fee, r->sell_fee, r->is_busted, r->currency});
  }
  void all_account_limits() {
    for (auto& a : s_.accounts)
      if (a->has_limits) row(a->limits);
  }
  void all_member_limits() {
    for (auto& m : s_.members)
      if (m->has_limits) row(m->limits);
  }
  void fees() {
    for (auto& [key, f] : s_.fees) row(f);
  }
  void references() {
    for (auto& [id, qty] : s_.adv_qty) row(RiskReference{id, qty});
  }
  void restrictions() {
    for (auto& [m, a, i] : s_.restrictions) row(Restriction{m, a, i});
  }
  void venue_cash() {
    std::vector<std::pair<std::string_view, Int256>> rows;
    for (auto& [id, amount] : s_.venue.cash)
      if (amount) rows.push_back({s_.currencies[id], amount});
    std::sort(rows.begin(), rows.end());
    for (auto& [currency, amount] : rows) row(VenueCashRow{amount, currency});
  }

 private:
  static bool is_held(const Line& l) {
    return l.qty || l.buy_qty || l.sell_qty || l.has_holding;
  }
  template <class Row>
  void row(const Row& r) {
    out_.room(Out::kRecordMax);
    size_t start = out_.size();
    out_.skip(2);
    put(out_, r);
    auto length = static_cast<uint16_t>(out_.size() - start - 2);
    std::memcpy(out_.data() + start, &length, 2);
  }
  void order_row(Order* o) {
    row(OrderViewRow{o->state(), 0, o->entry_ts_ns, o->last_ts_ns, o->is_waiting, o->terms()});
  }
  void balance(uint32_t account_id, const AccountLimits& limits, const std::string& currency) {
    Worth w = appraise(s_, account_id, s_.currency_id(currency));
    int64_t initial_bp = margins_bp(limits).first;
    Int256 initial, power;
    if (limits.account_type == AccountType::CASH_) {
      power = max(w.cash - w.reserved(), Int256());
    } else if (limits.account_type == AccountType::MARGIN_) {
      initial = share(w.worst, initial_bp);
      power = floor_div(max(w.equity - w.fees - initial, Int256()) * Int256(kBasisPoints),
                        static_cast<u128>(initial_bp));
    }
    auto call = s_.calls.find({account_id, currency});
    row(BalanceViewRow{w.cash, w.reserved(), power, w.equity, w.gross, initial,
                       maintenance(s_, account_id, w),
                       call == s_.calls.end() ? 0 : call->second, currency});
  }

  State& s_;
  Out& out_;
};

}  // namespace lockstep

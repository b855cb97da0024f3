// What the chapters call of each other. Each function stands in the file of its chapter.
#pragma once

#include "emitter.hpp"

namespace lockstep {

using Why = std::pair<std::string_view, std::string_view>;  // operator and reason
using Reason = int;                                         // RejectReason, 0 = not refused

inline constexpr std::string_view kByEngine = "";
inline constexpr std::string_view kBySchedule = "schedule";

// The command that is being carried out: kind, session (0 = none), fingerprint; of a member's
// command also its name, and what that name was used for before, if it was.
struct Origin {
  uint8_t kind;
  uint32_t session_id;
  u128 fingerprint;
  NameKey name{};
  const Remembered* known = nullptr;
};

// departure.hpp
inline void cancel(State&, Emitter&, Order*, int reason, std::string_view request_cl_ord_id = "");
inline void cancel_all(State&, Emitter&, const std::vector<Order*>&, int reason);
inline void expire(State&, Emitter&, Order*, int reason);
// reduce_only.hpp
inline i128 room_to_reduce(const State&, uint32_t account_id, uint32_t instrument_id, int side);
inline void trim(State&, Emitter&, uint32_t account_id, uint32_t instrument_id);
// phase_change.hpp
inline void move(State&, Emitter&, Listing&, int phase, Why);
inline void stop_call_timers(State&, Listing&);
// calls.hpp
inline void begin_call(State&, Emitter&, Listing&, int phase, Why, uint64_t length_ns = 0);
inline void time_call(State&, Listing&, uint64_t length_ns);
inline Uncross indicated(Listing&);
// call_end.hpp
inline void move_on(State&, Emitter&, Listing&, int to, Why);
inline void uncross_before_close(State&, Emitter&, Listing&);
// bands.hpp, breaker.hpp
inline bool interrupts(State&, Emitter&, Listing&, int64_t price);
inline Band dynamic_band(const State&, const Listing&);
inline void watch_decline(State&, Emitter&, Listing&, int64_t price);
// matching.hpp
inline void match(State&, Emitter&, Listing&, Order*);
inline void execute(State&, Emitter&, Order* buy, Order* sell, int64_t price, int64_t qty, int aggressor);
inline i128 executable_qty(State&, Listing&, Order*);
// incoming.hpp
inline void enter(State&, Emitter&, Listing&, Order*);
inline void enter_peg(State&, Emitter&, Listing&, Order*);
// new_order.hpp
inline Order* accept(State&, Listing&, const NewOrder&, uint32_t session_id);
inline void remember(State&, Remembered*, const Origin&, int outcome, int reason, const Order* order,
                     std::string_view orig, const OrderState* refused);
// risk.hpp
inline void schedule_sweep(State&);
// dark.hpp
inline void begin_crossings(State&, Listing&);
inline void enter_dark(State&, Emitter&, Listing&, Order*);
inline bool retry_dark(State&, Emitter&, Listing&);
inline void publish_interest(State&, Emitter&);
// margin.hpp
inline void settle_variation(State&, Emitter&);
// halts.hpp
inline void reopen(State&, Emitter&, Listing&, Why);
// phase.hpp, schedule.hpp
inline void step(State&, Emitter&, Listing&, int phase, Why, uint64_t length_ns = 0);
inline Reason refuse_step(const Listing&, int phase);
inline void drop_schedule(State&, Listing&);

}  // namespace lockstep

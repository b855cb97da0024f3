// Results of the commands of one message: parts of an OrderSessionResponse.
#pragma once

#include "reports.hpp"

namespace lockstep {

// A command that never reached the log.
struct Fault {
  uint32_t position = 0;
  std::string_view reason, message, field;
  uint32_t retry_after_ms = 0;
};

struct Answer {
  const uint64_t* request_nos = nullptr;
  size_t count = 0;
  std::vector<Fault> faults;           // by position
  std::vector<uint32_t> mass_cancels;  // ascending
  const BatchIndex* batch = nullptr;   // null: nothing reached the log
  uint32_t first_command_no = 0;
  size_t part_bytes = 0;
};

// A result grows while its reports are written, so its place is kept as an offset.
inline size_t begin_result(Out& out, uint64_t request_no) {
  out.room(kReportRoom);
  wire::Pen pen(out.at());
  auto mark = static_cast<size_t>(pen.begin_message<3>() - out.data());
  pen.number<1>(request_no);
  out.skip(static_cast<size_t>(pen.at() - out.at()));
  return mark;
}

inline size_t end_result(Out& out, size_t mark) {
  out.room(wire::kLengthRoom);
  wire::Pen pen(out.at());
  size_t size = pen.end_message(out.data() + mark);
  out.skip(static_cast<size_t>(pen.at() - out.at()));
  return size;
}

inline void write_fault(const Fault& fault, Out& out) {
  out.room(kReportRoom + fault.reason.size() + fault.message.size() + fault.field.size());
  wire::Pen pen(out.at());
  uint8_t* mark = pen.begin_message<4>();
  pen.text<1>(fault.reason);
  pen.text<2>(fault.message);
  pen.text<3>(fault.field);
  pen.number<4>(uint64_t{fault.retry_after_ms});
  pen.end_message(mark);
  out.skip(static_cast<size_t>(pen.at() - out.at()));
}

// Writes the results one after the other into `out`; `ends` gets where each part ends.
// False: something in it is not told here.
inline bool write_answer(const Answer& answer, ReportWriter& reports, Out& out,
                         std::vector<size_t>& ends) {
  auto fault = answer.faults.begin();
  auto mass = answer.mass_cancels.begin();
  uint32_t submitted = answer.first_command_no;
  size_t size = 0;
  for (uint32_t position = 0; position < answer.count; ++position) {
    size_t mark = begin_result(out, answer.request_nos[position]);
    bool is_mass = mass != answer.mass_cancels.end() && *mass == position;
    if (is_mass) ++mass;
    if (fault != answer.faults.end() && fault->position == position) {
      write_fault(*fault, out);
      ++fault;
    } else if (answer.batch) {
      MassReport mass_report;
      bool known = answer.batch->each(
          submitted++, [&](int kind, uint64_t seq, const uint8_t* begin, const uint8_t* end) {
            if (is_mass && !mass_report.given) {
              if (!reports.mass_report(kind, seq, begin, end, true, mass_report)) return false;
              if (mass_report.given) return true;
            }
            return reports.reports<2>(kind, seq, begin, end);
          });
      if (!known) return false;
      if (mass_report.given) reports.write<3>(mass_report);
    }
    size += end_result(out, mark);
    if (size >= answer.part_bytes) {
      ends.push_back(out.size());
      size = 0;
    }
  }
  if (ends.empty() ? out.size() > 0 : out.size() > ends.back()) ends.push_back(out.size());
  return true;
}

}  // namespace lockstep

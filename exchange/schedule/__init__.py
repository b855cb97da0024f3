"""Schedules made from calendars, at operations time, outside the core.

    calendar -> sessions -> template -> steps, day ends -> file -> SetSchedule, SetDayEnds
    (exchange-calendars)   (equity,    (moments with      (read by people,
                            crypto ..)  a UTC offset)      judged, replicated as data)

The engine gets moments in nanoseconds and knows no calendar and no time zone (DESIGN section 3):
what a node replays never depends on a calendar library or a zone database of the day.
"""

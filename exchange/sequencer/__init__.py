"""The sequencer: the single total order, and the time of every entry.

    submit(command records) -> Sequencer (admit, batch, stamp) -> Committer thread:
        1 journal.append  (durable on return)
        2 engine.apply
        3 deliver         (answers and feeds; never before 1 and 2)

`sequencer.py` is sans-io; `committer.py` is the thread around it; `recovery.py` brings an engine to
the end of the log; `ports.py` says what storage must give.
"""

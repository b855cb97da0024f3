"""Feeds: projections of the events. They may lag, they never block the engine.

    EventBatch -> Directory        names and ids, phases
               -> OrderBooks       displayed levels, conflated to slow readers
               -> TradeFeed        trades per instrument, live and from history
               -> ExecutionFeed    order events per member, never conflated
               -> History          recent batches in memory, older ones in the event index

Every projection is a function of the events alone (RULEBOOK R11.3) and lives on the event loop
thread; at start it is loaded from the engine's views and from then on fed batch by batch.
"""

"""The gateway: the public API of a node. A shell; no rule of the market lives here.

    bytes ──▶ dispatch ──▶ *_servicer ──▶ translate_* ──▶ Core.submit ──▶ log
                │ auth, principal            field_checks
                │ status (errors)
    bytes ◀─────┴───────── reports, translate_admin ◀── Outcome, feeds, queries

| file                                              | noun                                       |
|---------------------------------------------------|--------------------------------------------|
| ports                                             | what the node gives: `Core`                |
| server, shutdown, metrics                         | the server around the services             |
| dispatch, call, auth, principal, status           | the one way in, and every answer but OK    |
| order_servicer, order_queries, execution_stream   | OrderService                               |
| order_session, session_machine, order_codec,      | its bidirectional session                  |
| codec_choice, native                              |                                            |
| market_data_servicer, live_reader                 | MarketDataService                          |
| admin_servicer, market_control, admin_desk,       | AdminService                               |
| admin_outcome, impact                             |                                            |
| reference_data_servicer, cluster_servicer         | the others                                 |
| translate_orders, translate_admin, field_checks   | messages -> model values                   |
| reports, api_enum, header, page_token             | model values -> messages                   |

Everything runs on the event loop thread. What holds across messages is `proto/SPEC.md`.
"""

/**
 * Tables with something wrong about each. Rows are wide enough for a scan to cost something, and few enough for all of it to be
 * there within seconds.
 */
export const schema: readonly string[] = [
  // Missing indexes.
  `create table orders (id bigint generated always as identity primary key, customer_id bigint not null, total int not null,
    placed_at timestamptz not null, email text not null, code bigint not null, note text not null)`,
  `insert into orders (customer_id, total, placed_at, email, code, note)
    select n % 5000, n % 1000, timestamptz '2026-01-01' + n * interval '1 minute', 'Person' || n || '@example.com', n,
      repeat(md5(n::text), 3) from generate_series(1, 40000) n`,
  `create table payments (id bigint primary key, provider text not null, amount int not null, memo text not null)`,
  `insert into payments select n, 'p' || n % 500, n % 997, repeat('m', 100) from generate_series(1, 20000) n`,
  `create table shipments (id bigint primary key, tracking text not null, memo text not null)`,
  `insert into shipments select n, 'T' || n, repeat('m', 100) from generate_series(1, 20000) n`,

  // Foreign keys.
  `create table items (id bigint primary key, order_id bigint not null references orders)`,
  `insert into items select n, n from generate_series(1, 12000) n`,
  `create table prices (product_id bigint, currency char(3), amount int, primary key (product_id, currency))`,
  `insert into prices select n, 'EUR', n from generate_series(1, 12000) n`,
  `create table offers (id bigint primary key, product_id bigint, currency char(3),
    foreign key (product_id, currency) references prices)`,
  `insert into offers select n, n, 'EUR' from generate_series(1, 12000) n`,
  `insert into prices values (99999, 'EUR', 1)`,
  'delete from prices where product_id = 99999',
  `create index offers_of_product on offers (product_id)`,
  `create table reviews (id bigint primary key, order_id bigint not null references orders, stars int not null)`,
  `insert into reviews select n, n, n % 5 from generate_series(1, 12000) n`,
  `create index reviews_by_stars on reviews (stars, order_id)`,
  `create table refunds (id bigint primary key, order_id bigint not null, item_id int not null references items)`,
  `alter table refunds add constraint refunds_unchecked foreign key (order_id) references orders not valid`,
  `alter table refunds add constraint refunds_again foreign key (item_id) references items`,

  // Indexes.
  `create table carts (id bigint primary key, owner bigint not null, note text not null, closed boolean not null)`,
  `insert into carts select n, n % 10, md5(n::text), n % 2 = 0 from generate_series(1, 5000) n`,
  'create index carts_by_note on carts (note)',
  'create index carts_open on carts (owner) where not closed',
  `create table labels (id bigint primary key, name text not null, color text not null)`,
  `insert into labels select n, 'same', 'red' from generate_series(1, 100) n`,
  'create index labels_by_color on labels (color)',
  'create index labels_by_color_too on labels (color)',
  'create index labels_by_name_and_color on labels (name, color)',
  'create index labels_by_name on labels (name)',
  'create index labels_by_id on labels (id)',

  // Nothing is wrong with this one: it is a queue, and empty most of the time.
  'create table queue (id bigint primary key, at timestamptz)',
  'create index queue_by_time on queue (at)',

  // Space, vacuum, numbers.
  `create table visits (id bigint primary key, page text not null) with (autovacuum_enabled = false)`,
  `insert into visits select n, repeat(md5(n::text), 4) from generate_series(1, 60000) n`,
  'delete from visits where id % 10 <> 0',
  `create table ledger (id bigint primary key, amount int) with (autovacuum_enabled = false)`,
  'insert into ledger select n, n from generate_series(1, 30000) n',
  'analyze ledger',
  'delete from ledger where id > 5000',
  'create table quiet (id bigint primary key) with (autovacuum_enabled = false)',
  'create table imports (id bigint primary key) with (autovacuum_enabled = false)',
  'analyze imports',
  'insert into imports select n from generate_series(1, 20000) n',
  'create table ancient (id bigint primary key)',
  `create table tickets (id integer generated always as identity primary key)`,
  `select setval(pg_get_serial_sequence('tickets', 'id'), 1500000000)`,
  'create table heap_of_rows (what text)',

  // Views, partitions.
  'create table rates (id bigint primary key, rate int not null)',
  'insert into rates select n, n from generate_series(1, 1000) n',
  'create materialized view rates_summary as select sum(rate) from rates',
  'create materialized view rates_never as select max(rate) from rates with no data',
  `create table events (id bigint not null, kind text not null, at timestamptz not null, primary key (at, id))
    partition by range (at)`,
  ...[0, 1, 2, 3].map(
    (quarter) => `create table events_${quarter} partition of events
      for values from ('${2090 + quarter}-01-01') to ('${2091 + quarter}-01-01')`,
  ),
  `insert into events select n, 'kind' || n % 9, timestamptz '2090-01-01' + n * interval '2 hours' from generate_series(1, 16000) n`,
  'create table spans (at timestamptz not null) partition by range (at)',
  `create table spans_old partition of spans for values from ('2020-01-01') to ('2020-02-01')`,
  'create table metrics (id bigint, at date, primary key (at, id)) partition by range (at)',
  `create table metrics_ahead partition of metrics for values from ('2090-01-01') to ('2099-01-01')`,
  'create table metrics_rest partition of metrics default',
  `insert into metrics select n, '2026-01-01' from generate_series(1, 30) n`,

  // What becomes worse after the baseline, and what is never in memory.
  'create table invoices (id bigint primary key, number text not null, memo text not null)',
  `insert into invoices select n, 'I' || n, repeat('m', 100) from generate_series(1, 15000) n`,
  'create unique index invoices_by_number on invoices (number)',
  'create table counters (id bigint primary key, n int not null)',
  'insert into counters select n, n from generate_series(1, 300) n',
  'create table archive (id bigint primary key, body text not null)',
  // Nothing in it repeats, or it would be stored in a tenth of the blocks.
  `insert into archive select n, (select string_agg(md5(n || '-' || part), '') from generate_series(1, 16) part)
    from generate_series(1, 12000) n`,
  'create index archive_by_body on archive (body)',
]

/** To be run one by one: a vacuum is no part of a transaction. `imports` and `ledger` stay as they are. */
export const afterwards: readonly string[] = [
  // A transaction later than the view of them.
  'insert into rates select n, n from generate_series(1001, 1600) n',
  'vacuum analyze visits',
  'vacuum analyze archive',
  ...['orders', 'payments', 'shipments', 'items', 'prices', 'offers', 'reviews', 'carts', 'labels', 'rates'],
  ...['events', 'metrics', 'invoices', 'counters'],
].map((statement) => (statement.includes(' ') ? statement : `analyze ${statement}`))

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

  // Names that are no words.
  `create table "we(ird[" (id bigint primary key, "constructor" bigint not null, "Owner""s" bigint not null, memo text not null)`,
  `insert into "we(ird[" select n, n, n, repeat('m', 100) from generate_series(1, 12000) n`,
  'create index "odd(" on "we(ird[" (memo)',
  `create table "OrderItems" (id bigint primary key, "OrderId" bigint not null, memo text not null)`,
  `insert into "OrderItems" select n, n % 900, repeat('m', 100) from generate_series(1, 20000) n`,
  // Its name is taken, and it is on another column.
  'create index orderitems_by_orderid on "OrderItems" (memo)',
  `create table "../../x"";
--" (id bigint primary key, code varchar(20) not null, memo text not null)`,
  `insert into "../../x"";
--" select n, 'C' || n, repeat('m', 100) from generate_series(1, 20000) n`,
  'create table by_letter ("a(" int not null, id bigint not null) partition by range ("a(")',
  ...[0, 1, 2].map(
    (part) =>
      `create table by_letter_${part} partition of by_letter for values from (${part}) to (${part + 1})`,
  ),
  'insert into by_letter select n % 3, n from generate_series(1, 12000) n',

  // What index walks throw away, and what stands in no log of writes.
  `create table parcels (id bigint primary key, kind text not null, code varchar(20) not null, memo text not null)`,
  `insert into parcels select n, 'k' || n % 1000, 'C' || n, repeat('m', 100) from generate_series(1, 40000) n`,
  `create unlogged table drafts (id bigint primary key, author bigint not null, memo text not null)`,
  `insert into drafts select n, n % 900, repeat('m', 100) from generate_series(1, 20000) n`,

  // Keys, constraints and indexes that are there once too often, or half.
  `create table halves (id bigint primary key, order_id bigint references orders, done boolean not null)`,
  `insert into halves select n, n, false from generate_series(1, 12000) n`,
  'create index halves_open on halves (order_id) where not done',
  `alter table halves add constraint halves_done check (done) not valid`,
  `create table uniques (id bigint primary key, a int not null, b int not null, c int not null)`,
  'alter table uniques add constraint uniques_a unique (a), add constraint uniques_a_again unique (a)',
  'alter table uniques add constraint uniques_id unique (id)',
  'create index uniques_b on uniques (b)',
  'create index uniques_b_desc on uniques (b desc)',
  'create index uniques_c on uniques (c)',
  'create index uniques_c_hash on uniques using hash (c)',
  // Nothing is wrong with these.
  'create table fine (id bigint primary key, order_id bigint references orders, label text unique, size varchar(9) references fine (label))',
  `insert into fine (id, order_id) select n, n from generate_series(1, 12000) n`,
  'create index fine_by_order on fine using hash (order_id)',
  'create index fine_by_size on fine (size) where size is not null',
  'create index fine_both on fine (id, order_id desc)',
  'create index fine_both_up on fine (id, order_id)',
  `alter table fine set (autovacuum_enabled = 'TRUE')`,
  'create table fine_texts (id bigint primary key, body text not null)',
  `insert into fine_texts select n, (select string_agg(md5(n || '-' || part), '') from generate_series(1, 400) part)
    from generate_series(1, 700) n`,

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
  'create table loud (id bigint primary key, body text) with (toast.autovacuum_enabled = false)',
  'create sequence shared_numbers start 2000000000',
  `create table numbered (id integer primary key default nextval('shared_numbers'))`,
  'insert into numbered default values',
  'create table given (id integer primary key)',
  'insert into given values (1), (2000000001)',
  'create table hashed (id integer primary key)',
  'insert into hashed values (-2000000001), (2000000001)',

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
  'create materialized view rates_granted as select rate from rates',
  'create view rates_seen as select id, rate from rates',
  'create materialized view rates_through as select sum(rate) from rates_seen',
  'create table slices (at date not null, rate int) partition by range (at)',
  `create table slices_all partition of slices for values from ('2000-01-01') to (maxvalue)`,
  `insert into slices select '2026-01-01', n from generate_series(1, 1000) n`,
  'create materialized view rates_sliced as select sum(rate) from slices',
  `create table berlin (at timestamptz not null) partition by range (at)`,
  `set timezone = 'Asia/Kolkata'`,
  `create table berlin_old partition of berlin for values from ('2020-01-01') to ('2020-02-01')`,
  'reset timezone',
  // Years in months: of a year that is past nothing has to be ahead, and the root has all that comes.
  'create table years (at timestamptz primary key) partition by range (at)',
  `create table years_2025 partition of years for values from ('2025-01-01') to ('2026-01-01') partition by range (at)`,
  `create table years_2025_12 partition of years_2025 for values from ('2025-12-01') to ('2026-01-01')`,
  `create table years_ahead partition of years for values from ('2026-01-01') to ('2199-01-01')`,
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
  'grant select on rates_granted to public',
  `insert into slices select '2026-01-01', n from generate_series(1001, 1600) n`,
  'vacuum analyze visits',
  'analyze "we(ird["',
  'analyze "OrderItems"',
  `analyze "../../x"";\n--"`,
  'vacuum analyze fine_texts',
  'vacuum analyze archive',
  ...['orders', 'payments', 'shipments', 'items', 'prices', 'offers', 'reviews', 'carts', 'labels', 'rates'],
  ...[
    'events',
    'metrics',
    'invoices',
    'counters',
    'parcels',
    'drafts',
    'halves',
    'fine',
    'slices',
    'by_letter',
  ],
].map((statement) => (statement.includes(' ') ? statement : `analyze ${statement}`))

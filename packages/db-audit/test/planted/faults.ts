/** A fault, and the finding that must tell it. */
export interface Fault {
  readonly fault: string
  readonly id: string
  readonly object: RegExp
  /** Whose it must be said to be. */
  readonly owner?: string
}

const fault = (what: string, id: string, object: RegExp, owner?: string): Fault => ({
  fault: what,
  id,
  object,
  owner,
})

export const faults: readonly Fault[] = [
  fault(
    'a filter without an index',
    'index.missing',
    /^planted\.orders \(customer_id\)$/,
    'planted, OrdersPage, Customer.orders',
  ),
  fault('a sort without an index', 'index.missing', /^planted\.orders \(placed_at DESC\)$/),
  fault('two conditions without an index', 'index.missing', /^planted\.payments \(provider, amount\)$/),
  fault(
    'a function of a column without an index',
    'index.missing',
    /^planted\.orders \(\(lower\(email\)\)\)$/,
  ),
  fault('a filter that only the log shows', 'index.missing', /^planted\.shipments \(tracking\)$/),

  fault('a table whose name is no word', 'index.missing', /^planted\.we\(ird\[ \("Owner""s"\)$/),
  fault(
    'a column named as every object of JavaScript has one',
    'plan.cast',
    /^planted\.we\(ird\[\.constructor: /,
  ),
  fault('a table in mixed case', 'index.missing', /^planted\.OrderItems \("OrderId"\)$/),
  fault('a table whose name leads elsewhere', 'index.missing', /^planted\.\.\.\/\.\..* \(code\)$/s),
  fault('a page found by walking another index', 'index.missing', /^planted\.parcels \(kind, id\)$/),
  fault('a filter by a varchar', 'index.missing', /^planted\.parcels \(code\)$/),
  fault('a filter of an unlogged table', 'index.missing', /^planted\.drafts \(author\)$/),

  fault('a foreign key with an index of other rows', 'foreign-key.no-index', /^planted\.halves\./),
  fault('a check that was not validated', 'constraint.not-validated', /^planted\.halves\.halves_done$/),
  fault('a foreign key without an index', 'foreign-key.no-index', /^planted\.items\.items_order_id_fkey$/),
  fault('a foreign key with half an index', 'foreign-key.no-index', /^planted\.offers\./),
  fault('a foreign key behind another column of an index', 'foreign-key.no-index', /^planted\.reviews\./),
  fault('a foreign key that was not validated', 'foreign-key.not-validated', /refunds_unchecked$/),
  fault('a foreign key that is there twice', 'foreign-key.duplicate', /^planted\.refunds\./),
  fault('a foreign key of another type', 'foreign-key.other-type', /^planted\.refunds\.refunds_again$/),
  fault('a table without a primary key', 'table.no-primary-key', /^planted\.heap_of_rows$/),

  fault('an index whose build failed', 'index.invalid', /^planted\.labels_unique$/),
  fault('the same index twice', 'index.duplicate', /^planted\.labels_by_color_too$/),
  fault('an index that begins another one', 'index.duplicate', /^planted\.labels_by_name$/),
  fault('an index beside the primary key', 'index.duplicate', /^planted\.labels_by_id$/),
  fault('the same constraint twice', 'index.duplicate', /^planted\.uniques_a_again$/),
  fault('a constraint beside the primary key', 'index.duplicate', /^planted\.uniques_id$/),
  fault('an index that is another one backwards', 'index.duplicate', /^planted\.uniques_b_desc$/),
  fault('a hash beside a btree', 'index.duplicate', /^planted\.uniques_c_hash$/),
  fault('an index that nothing uses', 'index.unused', /^planted\.carts_by_note$/),
  fault('a partial index that nothing uses', 'index.unused', /^planted\.carts_open$/),
  fault('an index full of holes', 'index.bloat', /^planted\.visits_pkey$/),

  fault('a table full of holes', 'table.bloat', /^planted\.visits$/),
  fault('dead rows that no vacuum removes', 'table.dead-rows', /^planted\.ledger$/),
  fault('autovacuum turned off', 'table.autovacuum-off', /^planted\.quiet$/),
  fault('autovacuum turned off for long values', 'table.autovacuum-off', /^planted\.loud$/),
  fault('a sequence that belongs to no table', 'sequence.near-end', /^planted\.shared_numbers$/),
  fault('a key that is near its end, without a sequence', 'key.near-end', /^planted\.given\.id$/),
  fault('statistics of an empty table', 'table.old-statistics', /^planted\.imports$/),
  fault('rows that were never frozen', 'table.transaction-age', /^planted\.ancient$/),
  fault('a sequence near its end', 'sequence.near-end', /^planted\.tickets_id_seq$/),

  fault('a view that was never filled', 'view.empty', /^planted\.rates_never$/),
  fault('a view older than its rows', 'view.stale', /^planted\.rates_summary$/),

  fault('an old view that was granted since', 'view.stale', /^planted\.rates_granted$/),
  fault('an old view of a view', 'view.stale', /^planted\.rates_through$/),
  fault('an old view of partitions', 'view.stale', /^planted\.rates_sliced$/),

  fault('a year of a partition key in a function', 'partition.not-pruned', /^planted\.events: .*date_trunc/),
  fault('a month of a partition key', 'partition.not-pruned', /^planted\.events: .*extract/),
  fault('a partition key that is no word', 'partition.not-pruned', /^planted\.by_letter: /),
  fault('no partition for tomorrow, in another time zone', 'partition.none-ahead', /^planted\.berlin$/),
  fault('a statement that reads all partitions', 'partition.not-pruned', /^planted\.events: /),
  fault('rows in the default partition', 'partition.default-has-rows', /^planted\.metrics_rest$/),
  fault('no partition for tomorrow', 'partition.none-ahead', /^planted\.spans$/),

  fault('paging by offset', 'statement.offset', /offset/),
  fault('paging by numbered rows', 'statement.offset', /row_number\(\) over \(order/),
  fault('a table without any condition', 'statement.unbounded', /^table invoices$/),
  fault('a scan by a copy', 'index.missing', /^planted\.payments \(memo\)$/),
  fault('a scan by a cursor', 'plan.large-scan', /^planted\.payments: declare found/),
  fault('a slow statement', 'statement.slow', /pg_sleep/),
  fault('a sort on disk', 'statement.temporary-files', /order by note/),
  fault('a statement without a limit', 'statement.unbounded', /^select id, email from orders$/),
  fault('a pattern that no index serves', 'plan.large-scan', /^planted\.orders: .*like/),
  fault('a column cast by the statement', 'plan.cast', /^planted\.orders\.code: .*::text/),
  fault('a column cast by PostgreSQL', 'plan.cast', /^planted\.orders\.code: .*numeric_code/),
  fault('an index that was lost since the baseline', 'plan.lost-index', /from invoices/),
  fault('a cost that has grown since the baseline', 'plan.dearer', /from counters/),

  fault(
    'one statement for each row of a list',
    'trace.n-plus-one',
    /from carts where id/,
    'planted, CartsPage, Cart.items',
  ),
  fault(
    'the same, seen by its plans alone',
    'trace.n-plus-one',
    /from labels where id/,
    'planted, LabelsPage, Label.uses',
  ),
  fault('a statement that was slow thrice', 'log.slow-statement', /pg_sleep/),
  fault('a lock that was waited for', 'log.lock-wait', /^update carts/),
  fault('a deadlock in the log', 'log.deadlock', /^update labels/),
  fault('a statement that was cancelled', 'log.statement-timeout', /^select sum/),

  fault('a transaction left open', 'session.idle-in-transaction', /\(forgetful\)$/),
  fault('a statement behind a lock', 'session.blocked', /\(forgetful\)$/),
  fault('a statement that does not end', 'session.long-statement', /^busy: /),
  fault('a pool without a free connection', 'pool.exhausted', /^busy$/),
  fault('a small pool that waits for one another', 'pool.exhausted', /^small$/),
  fault('a transaction that does not end', 'session.long-transaction', /\(chatty\)$/),
  fault('deadlocks', 'database.deadlocks', /./),

  fault('a table that is not in memory', 'cache.table', /^planted\.archive$/),
  fault('an index that is not in memory', 'cache.indexes', /^planted\.archive$/),
  fault('a statement that reads from disk', 'cache.statement', /from archive/),
]

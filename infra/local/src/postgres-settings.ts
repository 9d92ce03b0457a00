/** postgresql.conf for a developer's machine, written anew at each start. */
export function postgresSettings(options: {
  data: string
  home: string
  port: number
  durable: boolean
}): string {
  const settings: Record<string, string | number> = {
    data_directory: options.data,
    hba_file: `${options.home}/pg_hba.conf`,
    ident_file: `${options.data}/pg_ident.conf`,
    listen_addresses: '127.0.0.1',
    port: options.port,
    // No socket: its path has a limit of 107 bytes, which a deep clone exceeds.
    unix_socket_directories: '',
    max_connections: 300,
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %u@%d %a ',
    // The log says which statements were slow, and their plans.
    shared_preload_libraries: 'pg_stat_statements,auto_explain',
    'pg_stat_statements.track': 'all',
    'auto_explain.log_min_duration': '250ms',
    'auto_explain.log_nested_statements': 'on',
    // A statement's comment, which says whose it is, stands behind it: 1 kB would cut it off.
    track_activity_query_size: '16kB',
    // For `freshet db audit`, which reads the plans.
    'auto_explain.log_format': 'json',
    track_io_timing: 'on',
    // And how old an index is, by the time of its transaction.
    track_commit_timestamp: 'on',
    // And who waited for whose lock for longer than a second.
    log_lock_waits: 'on',
    shared_buffers: options.durable ? '256MB' : '128MB',
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    random_page_cost: 1.1,
    // Compiling a plan costs more than it saves on the small tables and short statements of a service.
    jit: 'off',
    // What waits forever holds its locks forever.
    idle_in_transaction_session_timeout: '5min',
    // Test data may be lost with the machine, and tests write a lot of it; `dev` keeps PostgreSQL's guarantees.
    ...(options.durable
      ? {}
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum_naptime: '10s' }),
  }
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`,
  )
  return `# Written by infra/local at each start: changes here are lost.\n${lines.join('\n')}\n`
}

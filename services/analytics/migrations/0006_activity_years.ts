import { type Kysely, sql } from 'kysely'

/**
 * Months become partitions of their year, and years those of the stream. PostgreSQL detaches a partition concurrently only
 * from a table that has no default partition: so the default stays with the stream, and a month is detached from its year.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Also for who is not the service (the seed): what is made belongs to this function's owner.
  await sql`
    create function open_activity_year(year integer) returns bigint
    language plpgsql security definer set search_path from current set timezone = 'UTC' as $$
    declare
      frame text := format('activity_%s', year);
      first timestamptz := make_timestamptz(year, 1, 1, 0, 0, 0);
      month timestamptz;
      moved bigint;
    begin
      if to_regclass(frame) is not null then return 0; end if;
      -- A partition can't be made while the default one holds its rows. Nobody sees the stream without them: until the
      -- commit this transaction has it alone.
      alter table activity detach partition activity_default;
      execute format('create table %I partition of activity for values from (%L) to (%L) partition by range (occurred_at)',
        frame, first, first + interval '1 year');
      for number in 0..11 loop
        month := first + make_interval(months => number);
        execute format('create table %I partition of %I for values from (%L) to (%L)',
          to_char(month, '"activity_"YYYY_MM'), frame, month, month + interval '1 month');
      end loop;
      with waiting as (
        delete from activity_default where occurred_at >= first and occurred_at < first + interval '1 year' returning *
      )
      insert into activity select * from waiting;
      get diagnostics moved = row_count;
      alter table activity attach partition activity_default default;
      return moved;
    end $$`.execute(db)
  await sql`revoke execute on function open_activity_year from public`.execute(db)

  // Months that the stream has had until now move to their years, with what they hold. Their checks spare reading it.
  await sql`
    do $$
    declare
      former record;
    begin
      create temporary table months on commit drop as
        select c.relname as name, to_date(c.relname, '"activity_"YYYY_MM')::timestamp at time zone 'UTC' as month
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'activity'::regclass and c.relname ~ '^activity_\\d{4}_\\d{2}$';
      for former in select * from months loop
        execute format('alter table activity detach partition %I', former.name);
        execute format('alter table %I rename to %I', former.name, 'former_' || former.name);
      end loop;
      perform open_activity_year(year) from (
        select distinct extract(year from month at time zone 'UTC')::integer as year from months
      ) years;
      for former in select * from months loop
        execute format('drop table %I', former.name);
        execute format('alter table %I rename to %I', 'former_' || former.name, former.name);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)',
          left(former.name, 13), former.name, former.month, (former.month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
        execute format('alter table %I drop constraint if exists within_month', former.name);
      end loop;
    end $$`.execute(db)

  await sql`
    create table activity_upkeep (
      single_row boolean primary key default true check (single_row),
      -- When partitions were last made, drained and detached, by whichever process: the exported age.
      done_at timestamptz not null
    )`.execute(db)
}

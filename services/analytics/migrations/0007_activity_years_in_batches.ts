import { type Kysely, sql } from 'kysely'

/**
 * A year is made beside the stream, takes what waits for it a few rows at a time, and is attached with what is left. Rows that
 * have moved are not in the stream until then: nobody reads it (rollups are folded as events come, and the inbox knows which
 * have come). Months that a year lacks are made, too.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // As functions, for who is not the service (the seed): what is made belongs to their owner.
  await sql`
    create function make_activity_year(year integer, since timestamptz) returns void
    language plpgsql security definer set search_path from current set timezone = 'UTC' as $$
    declare
      frame text := format('activity_%s', year);
      first timestamptz := make_timestamptz(year, 1, 1, 0, 0, 0);
      is_new boolean := to_regclass(frame) is null;
      month timestamptz;
      name text;
    begin
      if is_new then
        execute format('create table %I (like activity including all,
          constraint within_year check (occurred_at >= %L and occurred_at < %L)) partition by range (occurred_at)',
          frame, first, first + interval '1 year');
      end if;
      for number in 0..11 loop
        month := first + make_interval(months => number);
        name := to_char(month, '"activity_"YYYY_MM');
        -- What retention took from a year that was there is not missing.
        continue when to_regclass(name) is not null or (month < since and not is_new);
        -- Attached, not made as a partition: that would stop whoever reads the year.
        execute format('create table %I (like %I including all)', name, frame);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)',
          frame, name, month, month + interval '1 month');
      end loop;
    end $$`.execute(db)
  await sql`
    create function move_activity_to_year(year integer, most integer) returns bigint
    language plpgsql security definer set search_path from current set timezone = 'UTC' as $$
    declare
      frame text := format('activity_%s', year);
      first timestamptz := make_timestamptz(year, 1, 1, 0, 0, 0);
      moved bigint;
    begin
      if exists (select from pg_inherits where inhrelid = to_regclass(frame)) then return 0; end if;
      execute format('
        with waiting as (
          delete from activity_default where ctid = any(array(
            select ctid from activity_default where occurred_at >= $1 and occurred_at < $2 order by occurred_at limit $3))
          returning *
        ), kept as (
          insert into %I select * from waiting on conflict do nothing
        )
        select count(*) from waiting', frame) into moved using first, first + interval '1 year', most;
      return moved;
    end $$`.execute(db)
  await sql`
    create function attach_activity_year(year integer) returns bigint
    language plpgsql security definer set search_path from current set timezone = 'UTC' as $$
    declare
      frame text := format('activity_%s', year);
      first timestamptz := make_timestamptz(year, 1, 1, 0, 0, 0);
      moved bigint;
    begin
      if exists (select from pg_inherits where inhrelid = to_regclass(frame)) then return 0; end if;
      -- A row that has been sent on its way to the default partition would be refused by it afterwards: writers wait before.
      lock table only activity in share row exclusive mode;
      lock table activity_default in access exclusive mode;
      moved := move_activity_to_year(year, null);
      -- Its check spares reading it.
      execute format('alter table activity attach partition %I for values from (%L) to (%L)',
        frame, first, first + interval '1 year');
      execute format('alter table %I drop constraint within_year', frame);
      return moved;
    end $$`.execute(db)
  await sql`
    create or replace function open_activity_year(year integer) returns bigint
    language plpgsql security definer set search_path from current as $$
    begin
      perform make_activity_year(year, '-infinity');
      return attach_activity_year(year);
    end $$`.execute(db)

  for (const name of [
    'make_activity_year(integer, timestamptz)',
    'move_activity_to_year(integer, integer)',
    'attach_activity_year(integer)',
  ])
    await sql`revoke execute on function ${sql.raw(name)} from public`.execute(db)
}

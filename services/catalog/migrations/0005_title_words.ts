import { type Kysely, sql } from 'kysely'

/**
 * The words of titles and brands, for a search that is misspelled: it is corrected to these, which are some thousands, and
 * then goes by words. Comparing it with every title instead costs more with every product. Statement triggers keep them, in
 * the transaction of the write. A word stays when its last product has gone: it then finds nothing, as it would without.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table title_words (word text primary key)`.execute(db)
  await sql`create index title_words_similar on title_words using gin (word gin_trgm_ops)`.execute(db)

  await sql`
    create function title_words_of(title text, brand text) returns setof text language sql stable
    set search_path from current as $$
      select word from unnest(tsvector_to_array(to_tsvector('simple', concat_ws(' ', title, brand)))) as word
      where word !~ '^[-+.,0-9]*$'
    $$`.execute(db)
  // In the order of the words, so that two writers can't deadlock.
  await sql`
    create function remember_title_words() returns trigger language plpgsql set search_path from current as $$
    begin
      if tg_op = 'UPDATE' then
        insert into title_words (word)
        select distinct word from new_rows n join old_rows o on o.id = n.id left join brands b on b.id = n.brand_id
          cross join title_words_of(n.title, b.name) as word
        where (n.title, n.brand_id) is distinct from (o.title, o.brand_id)
        order by word on conflict do nothing;
      else
        insert into title_words (word)
        select distinct word from new_rows n left join brands b on b.id = n.brand_id
          cross join title_words_of(n.title, b.name) as word
        order by word on conflict do nothing;
      end if;
      return null;
    end $$`.execute(db)
  await sql`
    create trigger products_remember_new_words after insert on products
    referencing new table as new_rows for each statement execute function remember_title_words()`.execute(db)
  await sql`
    create trigger products_remember_changed_words after update on products
    referencing old table as old_rows new table as new_rows for each statement execute function remember_title_words()`.execute(
    db,
  )
}

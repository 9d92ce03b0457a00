import { type Kysely, sql } from 'kysely'

/** Of products that were there before the triggers, whose lock would have been held for all of it. May run twice. */
export const transactional = false

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    insert into title_words (word)
    select distinct word from products p left join brands b on b.id = p.brand_id
      cross join title_words_of(p.title, b.name) as word
    order by word on conflict do nothing`.execute(db)
}

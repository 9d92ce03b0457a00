import { type Kysely, sql } from 'kysely'

/** Reads all products, and stops nobody: whatever is written meanwhile, the triggers remember. */
export const transactional = false

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    insert into title_words (word)
    select distinct word from products p left join brands b on b.id = p.brand_id
      cross join title_words_of(p.title, b.name) as word
    order by word on conflict do nothing`.execute(db)
}

import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

/** How a search goes about it: by its own words, by words that are spelled similarly, or not at all. */
export interface SearchPlan {
  by: 'words' | 'spelling' | 'nothing'
  /** What is searched for. */
  text: string
}

/** Words that many products have are found among these few, the most popular ones. */
const lookedThrough = 100
/** A word is another one's misspelling from here on: one wrong letter in a word of six or more, say. */
const leastSimilarity = 0.4
/** Who types more words than this has not misspelled all of them. */
const mostCorrected = 10

export type SearchRepository = ReturnType<typeof createSearchRepository>

export function createSearchRepository(db: Kysely<DB>) {
  return {
    /**
     * Whether the search's words occur anywhere, together: if so they are what is searched for, otherwise each word's most
     * similar one of all titles and brands. What is not among the most popular products is looked up: by a CTE, because
     * it is planned as if all of its rows were wanted, without hope for an early match in a scan of all products.
     */
    async findPlan(text: string): Promise<SearchPlan> {
      // No words come of punctuation alone.
      if (!/[\p{L}\p{N}]/u.test(text)) return { by: 'nothing', text }
      const hasWords = searchCondition({ by: 'words', text })
      const { rows } = await sql<{ found: boolean; corrected: string | null; excludesOnly: boolean }>`
        with popular as materialized (
          select search from products where status = 'ACTIVE' order by popularity desc, id desc limit ${lookedThrough}
        ), matching as materialized (
          select from products where status = 'ACTIVE' and ${hasWords}
        )
        select found.any as found, case when not (found.any or found.excludes_only) then (${corrected(text)}) end as corrected,
          found.excludes_only as "excludesOnly"
        from (
          select querytree(query) = 'T' as excludes_only, querytree(query) <> 'T'
            and (exists (select from popular as products where ${hasWords}) or exists (select from matching)) as any
          from websearch_to_tsquery('english', ${text}) as query
        ) as found`.execute(db)
      const [row] = rows
      // All products would be read to find those without a word.
      if (row?.excludesOnly) return { by: 'nothing', text }
      // A search that excludes words has none left to be similar to: what it finds is what there is.
      if (row?.found || /(^|\s)-/.test(text)) return { by: 'words', text }
      return row?.corrected ? { by: 'spelling', text: row.corrected } : { by: 'nothing', text }
    },
  }
}

/**
 * The text with each word replaced by its most similar one; null if a word has none, or there are too many. Numbers stay:
 * another number is another thing.
 */
function corrected(text: string): RawBuilder<string | null> {
  return sql`
    select case when bool_and(word is not null) and count(*) <= ${mostCorrected} then string_agg(word, ' ') end
    from (
      select coalesce(best.word, case when given.word ~ '^[-+.,0-9]*$' then given.word end) as word
      from (
        select word from unnest(tsvector_to_array(to_tsvector('simple', ${text}))) as word
        where to_tsvector('english', word) <> '' limit ${mostCorrected + 1}
      ) as given
      left join lateral (
        select t.word from title_words t
        where t.word % given.word and similarity(t.word, given.word) >= ${leastSimilarity}::real
        order by similarity(t.word, given.word) desc, t.word limit 1
      ) as best on true
    ) as words`
}

/** On `products`, served by the index of its words. */
export function searchCondition({ text, by }: SearchPlan): RawBuilder<SqlBool> {
  switch (by) {
    case 'words':
      return sql`products.search @@ websearch_to_tsquery('english', ${text})`
    case 'spelling':
      return sql`products.search @@ plainto_tsquery('english', ${text})`
    case 'nothing':
      return sql`false`
  }
}

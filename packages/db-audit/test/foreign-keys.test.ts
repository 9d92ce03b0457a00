import { expect, test } from '@jest/globals'
import { foreignKeyFindings, isServedBy } from '../src/checks/foreign-keys.ts'
import type { ForeignKeyFacts } from '../src/facts/constraints.ts'
import type { Facts } from '../src/facts/facts.ts'
import type { TableFacts } from '../src/facts/tables.ts'

const items = { oid: 1, schema: 'shop', name: 'items', rows: 20_000, deletes: 0 } as TableFacts
const key: ForeignKeyFacts = {
  name: 'items_order_fkey',
  tableOid: 1,
  schema: 'shop',
  table: 'items',
  columns: ['order', 'part'],
  types: ['bigint', 'bigint'],
  referenced: 'shop.orders',
  referencedColumns: ['id', 'part'],
  referencedTypes: ['bigint', 'bigint'],
  isValidated: true,
  comment: null,
}

function findingsFor({ comment = null, deletes = 0 }: { comment?: string | null; deletes?: number }) {
  const orders = { ...items, oid: 2, name: 'orders', deletes }
  const facts = {
    tables: [items, orders],
    indexes: [{ schema: 'shop', name: 'items_by_order_part', columns: [], tableOid: 9, isValid: true }],
    sequences: [],
    foreignKeys: [{ ...key, comment }],
    unchecked: [],
  } as unknown as Facts
  return foreignKeyFindings(facts)
}

test('brings the migration that gives a foreign key its index, under a name that is free', () => {
  const [finding] = findingsFor({ deletes: 3 })
  expect(finding).toMatchObject({ severity: 'warning', migration: { schema: 'shop' } })
  expect(finding!.migration!.text).toMatch(
    /createIndexConcurrently\(\s*db,\s*["']items_by_order_part_2["'],\s*sql`on items \("order", part\)`/,
  )
  expect(finding!.advice).not.toContain('create index')
})

test('takes the word of its owner that it needs none, until a row is deleted all the same', () => {
  const comment = 'Orders stay.\naudit-ignore foreign-key.no-index: they are archived'
  expect(findingsFor({ comment })).toEqual([])
  expect(findingsFor({ comment, deletes: 1 })).toHaveLength(1)
  expect(findingsFor({ comment: 'audit-ignore foreign-key.no-index:' })).toHaveLength(1)
  expect(findingsFor({})[0]!.advice).toContain('comment on constraint items_order_fkey on shop.items')
})

test('proposes no second index beside one that is missing anyway', () => {
  const [finding] = findingsFor({})
  expect(isServedBy([{ table: items, keys: ['part DESC', '"order"', 'at'] }], finding!)).toBe(true)
  expect(isServedBy([{ table: items, keys: ['"order"', 'at', 'part'] }], finding!)).toBe(false)
  expect(isServedBy([{ table: { ...items, name: 'others' }, keys: ['"order"', 'part'] }], finding!)).toBe(
    false,
  )
})

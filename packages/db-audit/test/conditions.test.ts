import { expect, test } from '@jest/globals'
import { castColumns, conjuncts, readConditions } from '../src/plans/conditions.ts'

const read = (text: string, alias?: string) =>
  readConditions(text, alias).map(({ key, kind }) => `${key} ${kind}`)

test.each([
  ['(seller_id = $1)', ['seller_id equal']],
  ["((p.seller_id = $1) AND (p.status = 'A) AND (b'::text))", ['seller_id equal', 'status equal']],
  ['((p.total >= 1) AND (p.total < 9) AND (p.id <> 3))', ['total range', 'total range', 'id other']],
  ['(p.id = ANY ($1))', ['id equal']],
  ['(lower(p.email) = $1)', ['lower(email) equal']],
  ['((p.a = $1) OR (p.b = $2))', []],
  ['(p.a = q.b)', []],
  ['((p."x(" = $1) AND (p."it\'s" = 1))', ['"x(" equal', '"it\'s" equal']],
  ['((p.a = $1) AND ((p.b = 1) OR (p.c = 2)))', ['a equal']],
])('reads %s as PostgreSQL words it', (text, expected) => {
  expect(read(text, 'p')).toEqual(expected)
})

test('takes brackets and quotes for what they are', () => {
  expect(conjuncts("((a = ' AND ') AND (b = ')'))")).toEqual(["a = ' AND '", "b = ')'"])
})

test('tells a cast of a column from a cast of a value', () => {
  expect(castColumns("((orders.code)::text = 'x'::text)")).toEqual([{ column: 'code', type: 'text' }])
  expect(castColumns('((code)::numeric = 5.0)')).toEqual([{ column: 'code', type: 'numeric' }])
  expect(castColumns("((a)::double precision > '1'::double precision)")).toEqual([
    { column: 'a', type: 'double precision' },
  ])
  expect(castColumns("(code = ($1)::bigint) AND (name = 'x'::text)")).toEqual([])
})

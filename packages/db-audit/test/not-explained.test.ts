import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { audit, reportHtml, reportText } from '../src/index.ts'
import { type Audited, openAudited } from './open-audited.ts'

let audited: Audited
beforeAll(async () => {
  audited = await openAudited('typed')
  await audited.admin.query(`
    create table typed.daily (id bigint, day date, views int, primary key (id, day));
    create table typed.hourly (id bigint, hour timestamptz, views int, primary key (id, hour));
    create table typed.ranks (period text, id bigint, rank int, score int, primary key (period, id))`)
})
afterAll(() => audited?.close())

/** What means more in a literal than a value, and is a parameter to pg_stat_statements. */
const statements: readonly [text: string, values: unknown[]][] = [
  // Types before literals, and several of one.
  [
    `select id from typed.hourly where hour > $1::timestamptz - interval '24 hours' and hour < timestamptz '2026-01-01'`,
    [new Date()],
  ],
  [`select interval '1' day + date '2026-01-01', timestamp with time zone '2026-01-01 00:00:00+00'`, []],
  // Differences of dates, and literals among arguments of any type.
  ['select sum(views) from typed.daily where day > current_date - 7 and day <= current_date - 1', []],
  [
    `select json_build_object('date', to_char(day, 'YYYY'), 'views', coalesce(views, 0), 'one', 1) from typed.daily`,
    [],
  ],
  [
    `select p.id, coalesce(week.views, 0)::integer as views from unnest($1::bigint[]) with ordinality as p (id, position)
    left join lateral (
      select sum(d.views) as views from typed.daily d where d.id = p.id and d.day > $2::date - 7 and d.day <= $3::date
    ) week on true order by p.position`,
    [[1], '2026-01-01', '2026-01-01'],
  ],
  [
    `select (select json_agg(json_build_object('date', to_char(day, 'YYYY-MM-DD'), 'views', coalesce(c.views, 0)) order by day)
      from (select generate_series($1::date - r.days + 1, $1::date, interval '1 day')::date as day) all_days
      left join (select day, views from typed.daily where id = r.id and day > $1::date - r.days) c using (day)) as days
    from unnest($2::bigint[], $3::integer[]) with ordinality as r (id, days, position) order by r.position`,
    ['2026-01-01', [1, 2], [7, 30]],
  ],
  [
    `insert into typed.ranks (period, id, rank, score) select 'DAY', id, row_number() over (order by score desc), score
    from (select id, sum(views) + 5 * sum(views) as score from typed.hourly
      where hour > date_trunc('hour', $1::timestamptz, 'UTC') - interval '24 hours' group by id) scores
    where score > 0 order by score desc limit 10`,
    [new Date()],
  ],
  [
    `select extract(year from day), 'it''s $9', "id" from typed.daily where day = date '2026-01-01' limit 3`,
    [],
  ],
  [
    `select id, case when views > 3 then 'many' else 'few' end from typed.daily union all select 1, 'none'`,
    [],
  ],
]

test('explains statements whose literals say what type they are of', async () => {
  for (const [text, values] of statements)
    for (let time = 0; time < 6; time++) await audited.admin.query(text, values)
  const { notExplained, baseline } = await audit({ url: audited.server.adminUrl })
  expect(notExplained).toEqual([])
  expect(baseline.plans.length).toBeGreaterThanOrEqual(statements.length)
})

test('names each that it can not explain, with its owner and why', async () => {
  await audited.admin.query('create table typed.passing (id int)')
  const tagged = `select id from typed.passing where id = 1 /*service='catalog',operation='Home',field='Query.passing'*/`
  for (let time = 0; time < 6; time++) await audited.admin.query(tagged)
  await audited.admin.query('drop table typed.passing')
  const report = await audit({ url: audited.server.adminUrl })
  expect(report.notExplained).toEqual([
    {
      sql: 'select id from typed.passing where id = $1',
      owner: 'catalog, Home, Query.passing',
      calls: 6,
      reason: 'relation "typed.passing" does not exist',
    },
  ])
  for (const print of [reportText, reportHtml]) {
    expect(print(report)).toContain('One statement could not be explained')
    expect(print(report)).toContain('catalog, Home, Query.passing')
  }
  expect(reportText(report)).toContain('relation "typed.passing" does not exist')
})

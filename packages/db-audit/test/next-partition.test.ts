import { provision } from '@freshet/database'
import { createTestDatabase, withClient } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { nextPartition } from '../src/checks/next-partition.ts'
import type { PartitionedFacts } from '../src/facts/partitions.ts'
import { audit } from '../src/index.ts'

const table = (keyTypes: string[], ...bounds: string[]) =>
  ({
    schema: 's',
    name: 'stream',
    keyTypes,
    partitions: bounds.map((bound) => ({ bound })),
  }) as unknown as PartitionedFacts
const at = new Date('2026-11-26T13:00:00Z')
const zoned = 'timestamp with time zone'

test.each([
  [
    'the month after the last one',
    table(['date'], `FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')`),
    `s.stream_2026_12 partition of s.stream for values from ('2026-12-01') to ('2027-01-01')`,
  ],
  [
    'the year of now, where some are missing',
    table([zoned], `FOR VALUES FROM ('2021-01-01 00:00:00+00') TO ('2022-01-01 00:00:00+00')`),
    `s.stream_2026_01 partition of s.stream for values from ('2026-01-01 00:00:00+00') to ('2027-01-01 00:00:00+00')`,
  ],
  [
    'the week of now, with a second column in the key',
    table(
      [zoned, 'bigint'],
      `FOR VALUES FROM ('2026-11-09 00:00:00+00', MINVALUE) TO ('2026-11-16 00:00:00+00', MINVALUE)`,
    ),
    `s.stream_2026_11_23 partition of s.stream for values from ('2026-11-23 00:00:00+00', minvalue) to ('2026-11-30 00:00:00+00', minvalue)`,
  ],
  [
    'a month after one whose beginning is open',
    table(['timestamp without time zone'], `FOR VALUES FROM (MINVALUE) TO ('2026-12-01 00:00:00')`),
    `s.stream_2026_12 partition of s.stream for values from ('2026-12-01 00:00:00') to ('2027-01-01 00:00:00')`,
  ],
])('writes out %s', (_what, stream, expected) => {
  const end = Math.max(
    ...stream.partitions.map(({ bound }) =>
      Date.parse(/TO \('([\d-]+)/.exec(bound)![1]!.concat('T00:00:00Z')),
    ),
  )
  expect(nextPartition(stream, end, at)).toBe(`create table ${expected}`)
})

test('what it advises can be pasted, and mends what it is for until the next one is due', async () => {
  const server = await createTestDatabase({ service: 'streaming', provision })
  try {
    await withClient(server.url, async (owner) => {
      await owner.query(`create table stream (at timestamptz, id bigint, primary key (at, id)) partition by range (at, id);
        create table stream_old partition of stream for values from ('2020-01-01', minvalue) to ('2021-01-01', minvalue)`)
      const { findings } = await audit({ url: server.adminUrl })
      const [finding] = findings.filter(({ id }) => id === 'partition.none-ahead')
      expect(finding!.advice).toContain('npx freshet restart streaming')
      await owner.query(/create table .*$/.exec(finding!.advice)![0])
      await owner.query('insert into stream values (now(), 1)')
    })
  } finally {
    await server.close()
  }
})

import { eventually, type RedisCluster, type RedisNode, startRedisCluster } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { slotOf } from '../src/slot.ts'
import {
  cutReplication,
  expectFencedTakeover,
  mendReplication,
  patient,
  readingDuring,
} from './failover-kit.ts'

/** Three masters, a replica each; every test leaves it whole. */
let cluster: RedisCluster
let master: RedisNode
let replica: RedisNode
const fence = '{test}:fence'

beforeAll(async () => {
  cluster = await startRedisCluster({ masters: 3, replicas: 1, nodeTimeoutMs: 4_000 })
})
beforeEach(async () => {
  master = await cluster.masterOf(fence)
  replica = await cluster.replicaOf(master)
})
afterEach(() => cluster.mend())
afterAll(() => cluster.close())

const connect = () => cluster.connect()
const holds = (node: RedisNode) =>
  eventually(async () => expect((await cluster.masterOf(fence)).port).toBe(node.port), patient)

test('a replica that lacks acknowledged invalidations takes over from a killed master', async () => {
  await expectFencedTakeover({
    master,
    replica,
    connect,
    control: neighbour(),
    untilTakenOver: () => holds(replica),
  })
})

test('a failover that was asked for', async () => {
  const { strict, l1 } = await readingDuring(async () => {
    await replica.admin.call('CLUSTER', 'FAILOVER')
    await holds(replica)
  }, connect)
  expect([strict.violations, l1.violations]).toEqual([0, 0])
})

test('a master that was paused for longer than it takes to replace it wakes up again', async () => {
  const { strict, l1 } = await readingDuring(async () => {
    master.freeze()
    await holds(replica)
    master.thaw()
  }, connect)
  expect([strict.violations, l1.violations]).toEqual([0, 0])
})

test('a master that was replaced is promoted again, without what it had acknowledged last', async () => {
  const { strict, l1 } = await readingDuring(async (progress) => {
    await cutReplication(master, replica)
    await progress(5)
    await replica.admin.call('CLUSTER', 'FAILOVER', 'TAKEOVER')
    await holds(replica)
    await mendReplication(master)
    await cluster.mend()
    await master.admin.call('CLUSTER', 'FAILOVER', 'TAKEOVER')
    await holds(master)
  }, connect)
  expect([strict.violations, l1.violations]).toEqual([0, 0])
})

/** A domain that lies on the same node as `test`. */
function neighbour(): string {
  const third = (domain: string) => Math.floor((slotOf(`{${domain}}`) * 3) / 16_384)
  for (let i = 0; ; i++) if (third(`control-${i}`) === third('test')) return `control-${i}`
}

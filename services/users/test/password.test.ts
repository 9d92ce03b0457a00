import { expect, test } from '@jest/globals'
import { hash } from '@node-rs/argon2'
import { createPasswords, PasswordQueueFullError } from '../src/account/password.ts'

const cheap = { memoryKib: 8, passes: 1 }

test('matches a hash that another program made with other parameters, and calls it outdated', async () => {
  const passwords = await createPasswords(cheap)
  const foreign = await hash('freshet-demo-1', { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
  expect(await passwords.matches(foreign, 'freshet-demo-1')).toBe(true)
  expect(await passwords.matches(foreign, 'freshet-demo-2')).toBe(false)
  expect(passwords.isOutdated(foreign)).toBe(true)
  expect(passwords.isOutdated(await passwords.hash('freshet-demo-1'))).toBe(false)
})

test('no account matches no password', async () => {
  const passwords = await createPasswords(cheap)
  expect(await passwords.matches(null, '')).toBe(false)
})

test('an account that does not exist costs the work of one that does', async () => {
  const passwords = await createPasswords({ memoryKib: 4096, passes: 3 })
  const stored = await passwords.hash('a long enough one')
  // What the processor did, not how long it took: other processes want it, too.
  const workFor = async (of: string | null) => {
    const before = process.cpuUsage()
    for (let i = 0; i < 10; i++) await passwords.matches(of, 'wrong password')
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let round = 0; round < 5; round++) {
    known.push(await workFor(stored))
    unknown.push(await workFor(null))
  }
  // The least of some: what else this process does in the meantime only adds to it.
  const ratio = Math.min(...unknown) / Math.min(...known)
  expect(ratio).toBeGreaterThan(0.3)
  expect(ratio).toBeLessThan(3)
})

test('the same characters in another form are the same password', async () => {
  const passwords = await createPasswords(cheap)
  expect(
    await passwords.matches(
      await passwords.hash('Füße-und-Hände'.normalize('NFC')),
      'Füße-und-Hände'.normalize('NFD'),
    ),
  ).toBe(true)
})

test('a flood of passwords is refused, and what was accepted is done', async () => {
  const passwords = await createPasswords({ memoryKib: 1024, passes: 1 })
  const outcomes = await Promise.allSettled(
    Array.from({ length: 300 }, () => passwords.hash('a long enough one')),
  )
  const refused = outcomes.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(100)
  for (const outcome of refused)
    expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(PasswordQueueFullError)
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(100)
})

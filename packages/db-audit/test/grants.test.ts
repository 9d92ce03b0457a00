import { provision } from '@freshet/database'
import { createTestDatabase, uniqueName, withClient } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { AuditError, audit } from '../src/index.ts'
import { repeatedly } from './open-audited.ts'

test('a role gets from one step to the next by the grants that it is told', async () => {
  const server = await createTestDatabase({ service: 'granted', provision })
  const role = `${uniqueName('Auditor')}-1`
  try {
    await withClient(server.adminUrl, async (admin) => {
      const database = new URL(server.adminUrl).pathname.slice(1)
      await admin.query(`revoke connect, temporary on database "${database}" from public`)
      await admin.query(`create role "${role}" login password 'looks'`)
      await admin.query('create table granted.notes (id bigint primary key, author int not null, text text)')
      await admin.query(`insert into granted.notes select n, n, 'text' from generate_series(1, 20000) n`)
      await admin.query('analyze granted.notes')
      await repeatedly(admin, 'select text from granted.notes where author = 7')
      const url = Object.assign(new URL(server.adminUrl), { username: role, password: 'looks' }).href

      const refusal: unknown = await audit({ url }).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(AuditError)
      expect(refusal).toMatchObject({ code: 'NOT_PERMITTED' })
      await admin.query(/grant .*$/.exec((refusal as AuditError).message)![0])

      const looked = await audit({ url })
      const notTried = looked.findings.find(({ id }) => id === 'index.not-tried')
      expect(notTried?.object).toBe('granted.notes')
      await admin.query(/grant .*$/.exec(notTried!.advice)![0])

      const tried = await audit({ url })
      expect(tried.findings.map(({ id, object }) => [id, object])).toEqual([
        ['index.missing', 'granted.notes (author)'],
      ])
    })
  } finally {
    await withClient(server.adminUrl, async (admin) => {
      await admin.query(`drop owned by "${role}"`)
      await admin.query(`drop role "${role}"`)
    })
    await server.close()
  }
})

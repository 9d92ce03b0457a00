import pg from 'pg'

/** Sessions that are in somebody's way for as long as the test lasts. */
export interface Sessions {
  close(): Promise<void>
}

export async function startSessions(url: string, adminUrl: string): Promise<Sessions> {
  const clients: pg.Client[] = []
  async function open(name: string, connectionString = url): Promise<pg.Client> {
    const client = new pg.Client({ connectionString, application_name: name })
    // The database is dropped while they are still at it.
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }
  const unheard = (work: Promise<unknown>) => void work.catch(() => {})

  const forgetful = await open('forgetful')
  await forgetful.query('begin')
  await forgetful.query(`update carts set note = 'held' where id = 1`)
  // The rows of `ancient` are made old by hand; this keeps autovacuum from mending it.
  await forgetful.query('lock table ancient in share update exclusive mode')
  const admin = await open('by hand', adminUrl)
  await admin.query(`update pg_class set relfrozenxid =
    ((pg_current_xact_id()::text::bigint + 4294967296 - 400000000) % 4294967296)::text::xid
    where oid = 'planted.ancient'::regclass`)
  unheard((await open('waiting')).query(`update carts set note = 'wanted' where id = 1`))
  for (let count = 0; count < 10; count++) unheard((await open('busy')).query('select pg_sleep(600)'))
  for (let count = 0; count < 4; count++)
    unheard((await open('small')).query(`update carts set note = 'wanted' where id = 1`))
  unheard(keepSending(await open('chatty')))
  await deadlock(await open('one'), await open('two'))
  return {
    async close() {
      for (const client of clients) unheard(client.end())
    },
  }
}

/** One transaction, and in it one short statement after the other, until the connection is gone. */
async function keepSending(client: pg.Client): Promise<void> {
  await client.query('begin')
  for (;;) await client.query('select count(*) from labels, pg_sleep(0.05)')
}

async function deadlock(one: pg.Client, two: pg.Client): Promise<void> {
  const name = (client: pg.Client, id: number) =>
    client.query('update labels set color = color where id = $1', [id])
  await one.query('begin')
  await two.query('begin')
  await name(one, 1)
  await name(two, 2)
  await Promise.allSettled([name(one, 2), name(two, 1)])
  await one.query('rollback')
  await two.query('rollback')
}

import { readFileSync } from 'node:fs'
import { DEMO_PASSWORD } from '@freshet/seed'
import { withClient } from '@freshet/testing'
import type { TwinDatabase } from '../twin/database/create-database.ts'
import type { Account, Accounts } from './shop.ts'

const query = readFileSync(new URL('../../../e2e/operations/SignIn.graphql', import.meta.url), 'utf8')

/** Signs in at Freshet, and gives the twin the same sessions: so a request is the same for both, its token included. */
export async function signIn(
  gatewayUrl: string,
  twins: readonly TwinDatabase[],
  { sellers, members, admin }: Accounts<{ id: string; email: string }>,
): Promise<Accounts<Account>> {
  const byId = new Map<string, Account>()
  for (const { id, email } of [...sellers, ...members, admin]) {
    if (!byId.has(id)) byId.set(id, { id, token: await tokenOf(gatewayUrl, email) })
  }
  const accounts = [...byId.values()]
  for (const { url } of twins) {
    await withClient(url, (client) =>
      client.query('insert into sessions (token, user_id) select * from unnest($1::text[], $2::bigint[])', [
        accounts.map(({ token }) => token),
        accounts.map(({ id }) => id),
      ]),
    )
  }
  const signedIn = ({ id }: { id: string }) => byId.get(id)!
  return { sellers: sellers.map(signedIn), members: members.map(signedIn), admin: signedIn(admin) }
}

async function tokenOf(gatewayUrl: string, email: string): Promise<string> {
  const response = await fetch(`${gatewayUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input: { email, password: DEMO_PASSWORD } } }),
  })
  const { data } = (await response.json()) as { data?: { signIn?: { token?: string } } }
  if (!data?.signIn?.token) throw new Error(`Could not sign in as ${email}: HTTP ${response.status}`)
  return data.signIn.token
}

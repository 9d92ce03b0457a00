import { parts } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { checkAnswers } from './check-answers.ts'
import { openShops } from './open-shops.ts'

test('the twin and Freshet with all its caches answer the same', async () => {
  const { postgresAdminUrl } = parts()
  const shops = await openShops({ postgresAdminUrl, scale: 'xs' })
  try {
    expect(await checkAnswers(shops, { steps: ['twin', 'response-cache'] })).toBeGreaterThan(40)
  } finally {
    await shops.close()
  }
  // It starts a whole system, and copies it.
})

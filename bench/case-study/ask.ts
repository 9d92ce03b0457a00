/** What GraphQL answered. */
export interface Answer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { message: string }[]
}

/** @throws Error when there was no answer, or one with errors */
export async function ask(url: string, body: string, token: string | null): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body,
  })
  const answer = (await response.json()) as Answer
  if (answer.errors !== undefined || !answer.data)
    throw new Error(
      `Not an answer: HTTP ${response.status} ${JSON.stringify(answer).slice(0, 500)} to ${body}`,
    )
  return answer
}

/** Without errors, and without a refusal: looked for in the text, for parsing each would cost more than sending it. */
export function isAnswer(text: string): boolean {
  return text.includes('"data":{') && !text.includes('"errors":') && !text.includes('"userErrors":[{')
}

/** Whether the gateway answered out of its cache; null where nothing says so. */
export function hitOf(cacheStatus: string | string[] | undefined): boolean | null {
  return cacheStatus === undefined ? null : /freshet-answers; hit/.test(String(cacheStatus))
}

/** A URL that may be shown: a password in it becomes three stars. */
export function hidePassword(text: string): string {
  // Several hosts (a Redis Cluster, Sentinels) make no URL.
  if (!URL.canParse(text)) return text.replace(/^([a-z+]+:\/\/[^:@/]*:)[^@/]*@/, '$1***@')
  const url = new URL(text)
  if (url.password !== '') url.password = '***'
  return url.href
}

/** The same server, another database. */
export function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

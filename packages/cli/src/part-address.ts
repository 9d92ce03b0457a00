import { externalVariables, layoutOf, type PartName, readState } from '@freshet/local'

/** Where a part is, passwords included. Throws when it does not run: nothing is started for looking at it. */
export function addressOf(part: PartName, profile: string): string {
  const named = process.env[externalVariables[part]]
  if (named) return named
  const running = readState(layoutOf(profile)).processes.find(
    ({ kind, name }) => kind === 'part' && name === part,
  )
  if (running) return running.url
  throw new Error(
    `${part} does not run here: start it with \`npm start\` or \`npx freshet up\`, or name one in ${externalVariables[part]}`,
  )
}

/**
 * Where the gateways of a profile are.
 *
 * @throws Error that says how to start one
 */
export function gatewaysOf(profile: string): string[] {
  const urls = readState(layoutOf(profile)).processes.flatMap(({ kind, url }) =>
    kind === 'gateway' ? [url] : [],
  )
  if (urls.length > 0) return urls
  throw new Error('no gateway runs here: start it with `npm start`')
}

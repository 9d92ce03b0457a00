import { createHash } from 'node:crypto'
import type { Viewer } from '@freshet/http'

/**
 * Whose private answers a request may see. All that a subgraph is told of a viewer goes into it, so a viewer whose rights
 * have changed is another audience. Nobody in particular is an audience too: what an answer says to a guest.
 */
export function audienceOf(viewer: Viewer | null): string {
  if (viewer === null) return 'guest'
  const { id, roles, sessionId } = viewer
  return createHash('sha256')
    .update(JSON.stringify([id, [...roles].sort(), sessionId]))
    .digest('base64url')
}

import { z } from 'zod'

/** What a signed-in account may be. */
export const roles = ['CUSTOMER', 'SELLER', 'ADMIN'] as const

/** One of {@link roles}. */
export type Role = (typeof roles)[number]

/** Checks what another process says about a viewer. */
export const viewerSchema = z.object({
  id: z.string().regex(/^[1-9]\d{0,17}$/),
  roles: z.array(z.enum(roles)).max(roles.length),
  sessionId: z.string().min(1).max(200),
})

/** Who asks. `id` is the account's raw id (decimal digits), not the opaque one of the graph. */
export type Viewer = z.infer<typeof viewerSchema>

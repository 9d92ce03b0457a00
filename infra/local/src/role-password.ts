import { createHmac } from 'node:crypto'

/**
 * The password of a service's role: FRESHET_DATABASE_PASSWORD_<SERVICE> where somebody chose one (docker-compose.yml
 * does), else derived from the superuser's. Roles belong to the whole server, so whoever provisions them on it
 * (tests, several supergraphs, other clones) must arrive at the same one.
 */
export function rolePassword(adminUrl: string, service: string): string {
  const chosen = process.env[`FRESHET_DATABASE_PASSWORD_${service.toUpperCase().replaceAll('-', '_')}`]
  if (chosen) return chosen
  return createHmac('sha256', new URL(adminUrl).password).update(service).digest('base64url').slice(0, 24)
}

import { port, redisUrl, subgraphEnvironment, wholeNumber } from '@freshet/config'

/** What the process reads from its environment; README has the table. */
export const environment = subgraphEnvironment.extend({
  PORT: port.default(4001),
  /** Where sessions live, if not in REDIS_URL: with persistence, and as long-lived as the accounts. */
  SESSION_REDIS_URL: redisUrl.optional(),
  SESSION_LIFETIME_SECONDS: wholeNumber({ min: 60, max: 31_536_000 }).default(2_592_000),
  SESSIONS_PER_ACCOUNT: wholeNumber({ min: 1, max: 1000 }).default(100),
  /**
   * Argon2id. The lower bounds are the weakest pair that OWASP lists (7 MiB, with 5 passes); tests use less by
   * calling createPasswords themselves. Raised values take effect with each account's next sign-in.
   */
  PASSWORD_MEMORY_KIB: wholeNumber({ min: 7168, max: 1_048_576 }).default(19_456),
  PASSWORD_PASSES: wholeNumber({ min: 2, max: 20 }).default(2),
  /** For one e-mail address within SIGN_IN_WINDOW_SECONDS. */
  SIGN_IN_TRIES: wholeNumber({ min: 1, max: 10_000 }).default(10),
  SIGN_IN_WINDOW_SECONDS: wholeNumber({ min: 1, max: 86_400 }).default(900),
  /** Sign-ins and sign-ups of all processes together. */
  PASSWORD_TRIES_PER_MINUTE: wholeNumber({ min: 1, max: 1_000_000 }).default(1200),
})

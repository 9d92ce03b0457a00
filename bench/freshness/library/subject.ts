/** The versions of these keys, in their order, from the database. */
export type LoadVersions = (keys: readonly number[]) => Promise<number[]>

/** A cache under test, as one process has it. All processes share one Redis. */
export interface Subject {
  /** What one request asks for at once: each library in the way that is its own. */
  getMany(keys: readonly number[], load: LoadVersions): Promise<number[]>
  /** Called after the COMMIT of a new version. Resolves when the library says that it is done. @throws when it says that it is not */
  invalidate(key: number): Promise<unknown>
  close(): Promise<unknown>
}

/** Opens a subject. TTLs are too long to help: what is stale stays so until it is invalidated. */
export type OpenSubject = (redisUrl: string) => Subject

/** How long every subject may keep a value. */
export const TTL_SECONDS = 3_600

/** For libraries that take one key at a time. */
export function oneByOne(
  get: (key: number, load: () => Promise<number>) => Promise<number>,
): Subject['getMany'] {
  return (keys, load) => Promise.all(keys.map((key) => get(key, async () => (await load([key]))[0]!)))
}

import { AsyncLocalStorage } from 'node:async_hooks'

/** What an answer, or one representation of it, was made from. Grows while resolvers run. */
export interface Dependencies {
  /** Whoever changes what it shows invalidates one of these. */
  readonly tags: Set<string>
  /** Whether it depends on who asks. */
  readViewer: boolean
  /** Whether something was read of whose change nobody would tell: then the answer must not be stored. */
  untold: boolean
  /** The seconds after which it may be wrong although no tag was invalidated; Infinity if never. */
  maxAgeSeconds: number
}

/** Where code runs: for which part of which answer, and who notes what it reads. */
export interface Frame {
  readonly recording: Recording
  readonly dependencies: Dependencies
  /**
   * `resolver`: nobody does, so a statement that is sent here makes the answer unfit to be stored. `loader`: a batch,
   * whose loader notes for each caller what its value depends on. `viewer-loader`: a batch whose callers have all been
   * marked as the viewer's.
   */
  readonly reader: 'resolver' | 'loader' | 'viewer-loader'
  /** Whose resolver it is, or whose was the first to ask for the batch; undefined where that can't be told. */
  readonly field?: string | undefined
}

/** The representations of an `_entities` field, each with dependencies of its own. */
export interface Representations {
  /** How the field is called in the answer. */
  readonly key: string | number
  readonly frames: readonly Frame[]
  readonly frameOf: WeakMap<object, Frame>
}

/** One request, from its context to its answer. */
export interface Recording {
  /** Resolvers of the answer as a whole; of `_entities`, what counts for every representation. */
  readonly whole: Frame
  /** Batches run here, whoever began them: what they do beside their loader's own noting counts for the whole. */
  readonly batch: Frame
  readonly viewersBatch: Frame
  /** Set while `_entities` is answered. */
  representations: Representations | undefined
  /** A sequence of the service's own cache domain: every cached read of this request must have reached it. */
  atLeast: string | undefined
  /** What the request's writes have invalidated; the sequence is null if one of them was not acknowledged. */
  invalidated: { readonly tags: ReadonlySet<string>; readonly sequence: string | null } | undefined
  /** The client's name of the operation, once it is known. */
  operation: string | undefined
  /** The field whose resolver is being called: set while the call lasts, not while its promise is awaited. */
  asking: string | undefined
}

const frames = new AsyncLocalStorage<Frame>()

/** The frame of the running code; undefined outside a request. */
export function currentFrame(): Frame | undefined {
  return frames.getStore()
}

/** Runs `work`, and all that it awaits, in a frame. */
export function within<Result>(frame: Frame, work: () => Result): Result {
  return frames.run(frame, work)
}

/**
 * Calls a resolver so that what it asks of loaders is known to be its field's. A note beside the context and no frame of
 * its own: one is made for each field of each row, which would cost more than the resolver.
 */
export function asking<Result>(recording: Recording, field: string, resolve: () => Result): Result {
  const outer = recording.asking
  recording.asking = field
  try {
    return resolve()
  } finally {
    recording.asking = outer
  }
}

export function createRecording(atLeast?: string): Recording {
  const dependencies = noDependencies()
  const frame = (reader: Frame['reader']): Frame => ({
    get recording() {
      return recording
    },
    dependencies,
    reader,
  })
  const recording: Recording = {
    whole: frame('resolver'),
    batch: frame('loader'),
    viewersBatch: frame('viewer-loader'),
    representations: undefined,
    atLeast,
    invalidated: undefined,
    operation: undefined,
    asking: undefined,
  }
  return recording
}

export function noDependencies(): Dependencies {
  return { tags: new Set(), readViewer: false, untold: false, maxAgeSeconds: Number.POSITIVE_INFINITY }
}

/**
 * The viewer as resolvers get it: a function, so that reading it is noted in whatever part of the answer it is called
 * for. Called in a place that can't be told (a callback of another request's doing), it counts for the whole answer.
 */
export function trackedViewer<Viewer>(recording: Recording, viewer: Viewer): () => Viewer {
  return () => {
    const here = frames.getStore()
    const own = here?.recording === recording ? here : recording.whole
    if (own.reader !== 'viewer-loader') own.dependencies.readViewer = true
    return viewer
  }
}

/** Called for every statement that a service sends: one that no loader answers for makes the answer unfit to be stored. */
export function noteStatement(): void {
  const here = frames.getStore()
  if (here?.reader === 'resolver') here.dependencies.untold = true
}

/**
 * Notes a write of the running request, if there is one (consumers write, too). What the request reads from here on
 * shows it, also where this process has not been told yet.
 */
export function noteInvalidation(tags: readonly string[], sequence: string | null): void {
  const recording = frames.getStore()?.recording
  if (recording === undefined) return
  const { invalidated: before, atLeast } = recording
  recording.invalidated = {
    tags: new Set([...(before?.tags ?? []), ...tags]),
    sequence: before === undefined ? sequence : later(before.sequence, sequence),
  }
  if (sequence !== null) recording.atLeast = atLeast === undefined ? sequence : later(atLeast, sequence)
}

/** Sequences are microseconds: whole numbers that a double holds. */
function later<Sequence extends string | null>(a: Sequence, b: Sequence): Sequence {
  if (a === null || b === null) return null as Sequence
  return Number(a) >= Number(b) ? a : b
}

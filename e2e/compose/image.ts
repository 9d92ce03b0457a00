import { execFile } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { workspaceRoot } from '@freshet/local'
import { filesOf } from './build-context.ts'
import { type Instruction, parseCopy, parseDockerfile, parseExec } from './dockerfile.ts'

const run = promisify(execFile)

/** What a Dockerfile makes, as folders: `/app` in the image is `<root>/app` here. */
export interface Image {
  readonly root: string
  /** In the image. */
  readonly workingDirectory: string
  readonly env: Readonly<Record<string, string>>
  readonly command: readonly string[]
  readonly healthcheck: readonly string[] | undefined
}

/** The environment of a fresh container: nothing of ours but where node is. */
export const bareEnvironment: Readonly<Record<string, string>> = {
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
  HOME: process.env.HOME ?? '/',
  CI: 'true',
}

/** How this machine reaches the network: a property of the place where an image is built, not of the image. */
const network = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i.test(name)),
)

interface Built {
  root: string
  workingDirectory: string
  env: Record<string, string>
  command: string[]
  healthcheck: string[] | undefined
}

/** Does what `docker build` would do with this Dockerfile, without the base image: it runs the same COPY and RUN, in order. */
export async function buildImage(
  dockerfile: string,
  folder: string,
  context: readonly string[],
): Promise<Image> {
  const stages = new Map<string, Built>()
  let last: Built | undefined
  for (const { name, from, instructions } of parseDockerfile(join(workspaceRoot, dockerfile))) {
    const base = stages.get(from)
    const stage: Built = {
      workingDirectory: '/',
      env: {},
      command: [],
      healthcheck: undefined,
      ...structuredClone(base),
      root: join(folder, name),
    }
    await mkdir(stage.root, { recursive: true })
    if (base) await link(base.root, stage.root)
    for (const instruction of instructions) await apply(stage, instruction, stages, context)
    stages.set(name, stage)
    last = stage
  }
  return last!
}

async function apply(
  stage: Built,
  { name, argument }: Instruction,
  stages: Map<string, Built>,
  context: readonly string[],
) {
  const inStage = (path: string) => join(stage.root, resolve(stage.workingDirectory, path))
  if (name === 'WORKDIR') {
    stage.workingDirectory = resolve(stage.workingDirectory, argument)
    await mkdir(inStage('.'), { recursive: true })
  } else if (name === 'COPY') {
    const { from, sources, target } = parseCopy(argument)
    for (const source of sources) {
      if (from === undefined) await copyFromContext(context, source, target, inStage)
      else await link(join(stages.get(from)!.root, source), inStage(target))
    }
  } else if (name === 'RUN') {
    const options = {
      cwd: inStage('.'),
      env: { ...bareEnvironment, ...network, ...stage.env },
      maxBuffer: 64 * 1024 * 1024,
    }
    await run('sh', ['-c', argument], options)
  } else if (name === 'ENV') {
    for (const pair of argument.split(' ')) {
      const [variable, value] = pair.split(/=(.*)/)
      stage.env[variable!] = value!
    }
  } else if (name === 'CMD') {
    stage.command = parseExec(argument)
  } else if (name === 'HEALTHCHECK') {
    stage.healthcheck = parseExec(argument)
  } else if (name !== 'USER' && name !== 'EXPOSE') {
    throw new Error(`${name} ${argument}: not known here`)
  }
}

async function copyFromContext(
  context: readonly string[],
  source: string,
  target: string,
  inStage: (path: string) => string,
): Promise<void> {
  const files = filesOf(context, source)
  if (files.length === 0) throw new Error(`COPY ${source}: nothing in the build context`)
  for (const file of files) {
    const inside = relative(source, file)
    const to = inside !== '' ? join(target, inside) : target.endsWith('/') ? join(target, file) : target
    await mkdir(dirname(inStage(to)), { recursive: true })
    await cp(join(workspaceRoot, file), inStage(to))
  }
}

/** Hard links: an image's layers share their files too. */
async function link(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  await run('cp', ['-al', `${from}/.`, to])
}

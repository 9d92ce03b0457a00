import { Command } from 'commander'
import { type Exploration, explore } from '../../packages/cache/test/model/explorer.ts'
import { PROOFS } from '../../packages/cache/test/model/proofs.ts'
import { VARIANTS } from '../../packages/cache/test/model/variants.ts'

const options = new Command('freshness-model')
  .description(
    "The cache's protocol in every order of its steps, millions of states; and with one rule left out at a time, each of which must be found.",
  )
  .option('--short', 'only what npm test explores too', false)
  .option('--ways', 'print for each rule left out the shortest way to a stale answer', false)
  .parse()
  .opts<{ short: boolean; ways: boolean }>()

const print = (line: string) => process.stdout.write(`${line}\n`)
const whole = (n: number) => n.toLocaleString('en')
const columns = (name: string, ...figures: string[]) =>
  print(name.padEnd(84) + figures.map((figure) => figure.padStart(12)).join(''))

const sum = { states: 0, transitions: 0, seconds: 0 }
function add(explored: Exploration): Exploration {
  sum.states += explored.states
  sum.transitions += explored.transitions
  sum.seconds += explored.seconds
  return explored
}

let violations = 0
columns('no order of steps breaks the promise, despite', 'states', 'transitions', 'seconds')
for (const { level, despite, short, model } of PROOFS) {
  if (options.short && !short) continue
  const { states, transitions, violation, seconds } = add(explore(model()))
  columns(`${level}: ${despite}`, whole(states), whole(transitions), seconds.toFixed(1))
  if (!violation) continue
  violations++
  print(`  BROKEN by\n    ${violation.join('\n    ')}`)
}

let caught = 0
print('')
columns('one rule left out: found after', 'states', 'steps', 'seconds')
for (const { level, broken, model } of VARIANTS) {
  const { states, violation, seconds } = add(explore(model()))
  columns(
    `${level}: ${broken}`,
    whole(states),
    violation ? `${violation.length}` : 'NEVER',
    seconds.toFixed(1),
  )
  if (!violation) continue
  caught++
  if (options.ways) print(`    ${violation.join('\n    ')}`)
}

print(
  JSON.stringify({
    bench: 'freshness-model',
    ...options,
    ...sum,
    statesPerSecond: Math.round(sum.states / sum.seconds),
    violations,
    variants: VARIANTS.length,
    caught,
  }),
)
process.exitCode = violations === 0 && caught === VARIANTS.length ? 0 : 1

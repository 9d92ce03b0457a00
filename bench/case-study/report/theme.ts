import type { Step } from '../steps.ts'

/** A colour for each step, from as it was (warm) to as it is (cool); each is told by its shape, too. */
const LIGHT: Record<Step | 'ink' | 'soft' | 'line' | 'paper', string> = {
  twin: '#b3361b',
  indexes: '#c77a00',
  batching: '#7b4fb5',
  'field-cache': '#2f72c4',
  'response-cache': '#0b7d6b',
  ink: '#1c2024',
  soft: '#5c656e',
  line: '#d9dee3',
  paper: '#ffffff',
}
const DARK: typeof LIGHT = {
  twin: '#ff8a6b',
  indexes: '#f2b544',
  batching: '#c3a1f2',
  'field-cache': '#7fb4ff',
  'response-cache': '#4fd1b8',
  ink: '#e8ebee',
  soft: '#a3adb6',
  line: '#343b42',
  paper: '#14181c',
}

const variables = (colours: typeof LIGHT) =>
  Object.entries(colours)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ')

/** Colours and type of the page, and of each drawing by itself. */
export const THEME = `
:root { color-scheme: light dark; ${variables(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .soft { fill: var(--soft); }
svg .grid { stroke: var(--line); }
svg .limit { stroke: var(--ink); stroke-dasharray: 4 3; }
`.trim()

export const colourOf = (step: Step): string => `var(--${step})`

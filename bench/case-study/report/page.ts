import { escape as escaped } from 'html-escaper'
import type { Rows } from './rows.ts'
import { THEME } from './theme.ts'

/** A part of the page. `intro` and `body` are markup. */
export interface Section {
  readonly title: string
  readonly intro?: string
  readonly body?: string
  readonly figures?: readonly { title: string; svg: string }[]
}

const STYLE = `
${THEME}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
h3, figcaption { font-size: .95rem; font-weight: 600; margin: 1rem 0 .5rem; }
p { color: var(--soft); margin: 0 0 1rem; }
.figures { display: grid; gap: 1.5rem 2.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); }
figure { margin: 0; max-width: 28rem; }
figure svg { display: block; width: 100%; height: auto; }
.keys { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-top: .5rem; color: var(--ink); }
.key { display: inline-flex; align-items: center; gap: .4rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; font-size: .9rem; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td { white-space: nowrap; }
td:last-child { white-space: normal; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; overflow-wrap: anywhere; min-width: 7rem; }
@media (max-width: 30rem) { table { font-size: .8rem; } th, td { padding: .3rem .35rem; } }
th { font-weight: 600; color: var(--soft); }
`

/** One self-contained page. */
export function page({
  title,
  lead,
  sections,
}: {
  title: string
  lead: string
  sections: readonly Section[]
}): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(lead)}</p>
${sections.map(toMarkup).join('\n')}
</main>
</html>
`
}

function toMarkup({ title, intro, body = '', figures = [] }: Section): string {
  const drawn = figures.map(
    (figure) => `<figure><figcaption>${escaped(figure.title)}</figcaption>${figure.svg}</figure>`,
  )
  return `<section><h2>${escaped(title)}</h2>
${intro === undefined ? '' : `<p>${intro}</p>`}${body}
${drawn.length === 0 ? '' : `<div class="figures">${drawn.join('\n')}</div>`}</section>`
}

/** The first row is the head; all cells are plain text. */
export function table([head = [], ...rows]: Rows): string {
  const line = (cells: readonly string[], name: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${name}>${escaped(cell)}</${name}>`).join('')}</tr>`
  return `<div class="table"><table>${line(head, 'th')}${rows.map((row) => line(row, 'td')).join('')}</table></div>`
}

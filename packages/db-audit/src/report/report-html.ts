import type { AuditReport } from '../audit.ts'
import type { Finding } from '../finding.ts'
import { printable } from '../sql-text.ts'
import { duration, percent } from './figures.ts'
import { countOf, migrationText, notExplainedText } from './report-text.ts'
import { style } from './style.ts'

/** The report as one page that needs nothing else: no script, no font, no request. */
export function reportHtml(report: AuditReport): string {
  const { database, at, findings, topStatements, notExplained } = report
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(database)}: ${escaped(countOf(findings))}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Audit of ${escaped(database)}</h1>
<p>${escaped(countOf(findings))} at <time datetime="${escaped(at)}">${escaped(at.slice(0, 16).replace('T', ' '))} UTC</time></p>
</header>
<main>
<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>
${findings.map(findingHtml).join('\n') || '<p>None.</p>'}
</section>
<section aria-labelledby="time">
<h2 id="time">Where the time goes</h2>
<div class="table" role="region" aria-labelledby="time" tabindex="0">
<table>
<thead><tr><th scope="col">share</th><th scope="col">total</th><th scope="col">calls</th><th scope="col">mean</th><th scope="col">owner</th><th scope="col">statement</th></tr></thead>
<tbody>
${topStatements.map(topRow).join('\n')}
</tbody>
</table>
</div>
${notExplained.length > 0 ? notExplainedHtml(notExplained) : ''}
</section>
</main>
</body>
</html>
`
}

function findingHtml({ severity, id, title, object, detail, advice, evidence, migration }: Finding): string {
  const figures = Object.entries(evidence)
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) => `<dt>${escaped(name.replaceAll('_', ' '))}</dt><dd>${escaped(String(value))}</dd>`,
    )
  const ready = migration
    ? `<details><summary>The migration</summary><pre><code>${escaped(migrationText(migration))}</code></pre></details>`
    : ''
  return `<article class="${severity}">
<h3><span class="severity">${severity}</span> ${escaped(title)}</h3>
<p class="object"><code>${escaped(object)}</code></p>
${evidence.owner === undefined ? '' : `<p>Owner: ${escaped(String(evidence.owner))}</p>`}
<p>${escaped(detail)}</p>
<p class="advice"><strong>Do:</strong> ${escaped(advice)}</p>
${ready}
<details><summary><code>${escaped(id)}</code>, figures</summary><dl>${figures.join('')}</dl></details>
</article>`
}

function notExplainedHtml(statements: AuditReport['notExplained']): string {
  const items = statements.map(
    ({ sql, owner, calls, reason }) =>
      `<li>${escaped(owner)}, ${calls} calls: <code>${escaped(sql)}</code><br>${escaped(reason)}</li>`,
  )
  return `<p>${notExplainedText(statements.length)}</p>\n<ul>${items.join('')}</ul>`
}

function topRow({ sql, owner, role, calls, totalMs, meanMs, share }: AuditReport['topStatements'][number]) {
  const whose = [owner.service ?? role, owner.operation, owner.field].filter(Boolean).join(', ')
  return `<tr><td>${percent(share)}</td><td>${duration(totalMs)}</td><td>${calls}</td><td>${duration(meanMs)}</td><td>${escaped(whose)}</td><td><code>${escaped(sql)}</code></td></tr>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Names and statements come from whoever writes to the database. */
const escaped = (text: string) =>
  text
    .split('\n')
    .map(printable)
    .join('\n')
    .replaceAll(/[&<>"']/g, (character) => entities[character]!)

/** The page's look: dark where the reader's system is, and one column wherever it is narrow. */
export const style = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e4e7eb); --quiet: light-dark(#57606a, #9aa4af);
  --page: light-dark(#f6f7f9, #14171a); --card: light-dark(#fff, #1d2125); --line: light-dark(#d5dae0, #343a41);
  --error: light-dark(#b3261e, #ff8a80); --warning: light-dark(#8a5a00, #f2b84b); --info: light-dark(#1f5fa8, #7db7f5);
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
header, main { max-width: 72rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.6rem; margin: .5rem 0 0 }
h2 { font-size: 1.2rem; margin: 1.5rem 0 .5rem }
h3 { font-size: 1rem; margin: 0 }
header p { margin: 0; color: var(--quiet) }
article { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--tone); border-radius: 6px; padding: .75rem 1rem; margin: 0 0 .75rem }
article p { margin: .4rem 0 }
.error { --tone: var(--error) } .warning { --tone: var(--warning) } .info { --tone: var(--info) }
.severity { color: var(--tone); text-transform: uppercase; font-size: .75rem; letter-spacing: .04em; margin-right: .4rem }
code, pre { font: .875rem/1.45 ui-monospace, monospace }
code { overflow-wrap: anywhere }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); border-radius: 4px; background: var(--page) }
pre code { overflow-wrap: normal }
summary { cursor: pointer; color: var(--quiet) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0 0; font-size: .875rem }
dt { color: var(--quiet) } dd { margin: 0; overflow-wrap: anywhere }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 6px }
table { border-collapse: collapse; width: 100%; font-size: .875rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums }
td:not(:last-child) { white-space: nowrap } td:last-child { min-width: 24rem }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr } dd { margin-bottom: .3rem }
  tr { display: grid; grid-template-columns: repeat(4, 1fr); padding: .4rem 0; border-bottom: 1px solid var(--line) }
  th, td { border: 0; padding: .1rem .75rem } th:nth-child(n+5), td:nth-child(n+5) { grid-column: 1 / -1 }
  td:nth-child(5) { white-space: normal } td:last-child { min-width: 0 }
}
`

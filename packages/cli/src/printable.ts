// C0 (with the newline: what is printed is one line), DEL, and C1.
const CONTROLS = /\p{Cc}/gu

/**
 * One line that may be shown on a terminal, whoever wrote what is in it: control characters, which could move the
 * cursor, retitle the window or make up lines, are shown as JSON escapes them (so JSON stays the same JSON).
 */
export function printable(line: string): string {
  return line.replaceAll(
    CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

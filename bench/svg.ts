import { escape as escaped } from 'html-escaper'

/** Attributes whose value is undefined are left out. */
type Attributes = Readonly<Record<string, string | number | undefined>>

/** One element; text in it is escaped by {@link text}, children are markup already. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : escaped(String(value))}"`)
    .join('')
  return `<${name}${list}>${children.join('')}</${name}>`
}

export function text(content: string, attributes: Attributes): string {
  return element('text', attributes, escaped(content))
}

/** A drawing that stands by itself, too. */
export function drawing(
  { title, width, height, style }: { title: string; width: number; height: number; style: string },
  ...children: string[]
): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${round(height)}`,
      role: 'img',
      'aria-label': title,
    },
    element('title', {}, escaped(title)),
    element('style', {}, style),
    ...children,
  )
}

const round = (value: number) => Number(value.toFixed(2))

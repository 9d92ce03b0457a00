interface Priced {
  readonly title: string
  readonly priceMinor: number
  readonly currency: string
}

const LONGEST_TITLE = 120

export const welcomeMessage = (displayName: string): string =>
  `Welcome to Freshet, ${displayName}. Wish for a product, and you will hear when its price falls.`

/** In English, as one statement tells everybody; the client has `kind` and `product` to say it otherwise. */
export const priceDropMessage = (before: Priced, now: Priced): string =>
  `${shortened(now.title)} now costs ${inWords(now)} instead of ${inWords(before)}.`

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

function shortened(title: string): string {
  const letters = Array.from(segmenter.segment(title), ({ segment }) => segment)
  return letters.length <= LONGEST_TITLE ? title : `${letters.slice(0, LONGEST_TITLE - 1).join('')}…`
}

/** 1999 USD is $19.99, 1999 JPY is ¥1,999: the currency says how many digits its minor unit has. */
function inWords({ priceMinor, currency }: Priced): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(priceMinor / 10 ** digits)
}

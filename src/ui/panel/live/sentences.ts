/**
 * How much of a text that still grows can be said aloud: up to the end of its last whole sentence or line. A number such
 * as 1.5 and the number of an item end no sentence.
 */
export function wholeUntil(text: string): number {
  let end = 0
  for (const { index, 0: mark } of text.matchAll(/(?<!\d)[.!?…]["'”’)\]*_]*\s|\d[.!?]\s+(?=\p{Lu})|[。！？؟۔]|\n/gu)) {
    const line = text.slice(text.lastIndexOf('\n', index) + 1, index + 1)
    if (!/^\s*\d+$/.test(line)) end = index + mark.length
  }
  return end
}

/** What is read aloud of it: without the marks that only eyes need. */
export function spoken(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/[*`~]+|^\s*(?:#+|>|[-+])\s+/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

/** Text as it stands in a page, between tags or between quotes: none of it is taken for markup. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, letter => ENTITIES[letter]!)
}

// What ends a sentence does not belong to an address; a bracket does if it was opened in it. Linear in the length of
// the text: wherever there is a choice, the next letter makes it.
const LINK =
  /((?:https?:\/\/|www\.)(?:\([^\s<>()]*\)|[^\s<>"'()])*(?:\([^\s<>()]*\)|[^\s<>"'().,!?:;\]}])|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/gi

/** Text in parts: every second one looks like an address. */
export const linkedParts = (text: string): readonly string[] => text.split(LINK)

/** An address that is safe to offer; `undefined` if it is not one. In ASCII, so that look-alike names show. */
export function addressOf(words: string): string | undefined {
  const full = /^www\./i.test(words) ? `https://${words}` : /^[^:/]+@/.test(words) ? `mailto:${words}` : words
  try {
    const { protocol, href } = new URL(full)
    return /^(https?|mailto|tel):$/.test(protocol) ? href : undefined
  } catch {
    // Looked like an address and is none: stays text.
    return undefined
  }
}

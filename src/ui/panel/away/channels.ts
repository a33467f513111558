import type { Channels } from '../../look.ts'

export type Channel = readonly [name: keyof Channels, address: string]

const NUMBER = ['a number with its country code, such as +47 912 34 567', /^\+[1-9]\d{6,14}$/] as const
const RULES: Readonly<Record<keyof Channels, readonly [right: string, form: RegExp]>> = {
  whatsapp: NUMBER,
  sms: NUMBER,
  messenger: ['the name of a page, such as fernhill.lamps', /^[\w.-]{2,80}$/],
  email: ['an address such as hello@shop.example', /^[^\s@?&]+@[^\s@?&]+\.[^\s@?&]+$/]
}

/**
 * Reads the option `channels`, which an attribute gives as JSON.
 *
 * @throws {TypeError} That names the channel, what came and what would be right.
 */
export function readChannels(option: unknown): readonly Channel[] {
  let given = option ?? {}
  try {
    if (typeof given === 'string') given = JSON.parse(given)
  } catch {
    // Told below: text is no object.
  }
  const names = Object.keys(RULES)
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw wrong('channels', 'an object such as { "whatsapp": "+47 912 34 567" }', given)
  }
  return Object.entries(given).map(([name, value]): Channel => {
    if (!names.includes(name)) throw wrong('channels', `an object with ${names.join(', ')}`, name)
    const [right, form] = RULES[name as keyof Channels]
    const bare = typeof value === 'string' ? value.trim() : value
    const address =
      right === NUMBER[0] && typeof bare === 'string' ? bare.replace(/^00/, '+').replace(/[\s().-]/g, '') : bare
    if (typeof address !== 'string' || !form.test(address)) throw wrong(`channels.${name}`, right, value)
    return [name as keyof Channels, address]
  })
}

/**
 * Where a channel leads.
 *
 * @param text What the visitor would say there first.
 * @param code Of the conversation it goes on from; empty: there was none.
 */
export function linkTo([name, address]: Channel, text: string, code: string): string {
  const words = encodeURIComponent(text)
  switch (name) {
    case 'whatsapp':
      return `https://wa.me/${address.slice(1)}?text=${words}`
    case 'sms':
      return `sms:${address}?body=${words}`
    case 'messenger':
      return `https://m.me/${address}${code && `?ref=${code}`}`
    case 'email':
      return `mailto:${address}?subject=${words}`
  }
}

function wrong(name: string, right: string, value: unknown): TypeError {
  return new TypeError(`porchlight: option ${name} must be ${right}, got ${JSON.stringify(value)}`)
}

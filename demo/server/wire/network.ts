import { isIPv6 } from 'node:net'

/**
 * What limits are counted by: an address, without its port. Of IPv6 its first half, because whoever has one address there
 * has all that begin like it.
 */
export function networkOf(address: string): string {
  const bare = address.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/%.*$/, '')
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/i.exec(bare)
  if (v4) return v4[1]!
  if (!isIPv6(bare)) return address
  const [head = [], tail = []] = bare.split('::').map(half => half.split(':').filter(Boolean))
  const dotted = bare.includes('.') ? 1 : 0
  const left = Math.max(0, 8 - dotted - head.length - tail.length)
  const groups = [...head, ...Array<string>(left).fill('0'), ...tail]
  return `${groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

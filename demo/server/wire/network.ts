import { isIPv6 } from 'node:net'

/** An address of IPv4 that is written as one of IPv6: mapped, or by what stands between the two networks. */
const V4 = /^(?:::ffff|64:ff9b:):([\da-f]+):([\da-f]+)$/

/**
 * What limits are counted by: an address, without its port. Of IPv6 its first half, because whoever has one address there
 * has all that begin like it.
 */
export function networkOf(address: string): string {
  const bare = address.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/%.*$/, '')
  const v4 = /^(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(bare)
  if (v4) return v4[1]!
  if (!isIPv6(bare)) return address
  // In its one shortest form.
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const within = V4.exec(short)
  if (within) {
    const [high, low] = within.slice(1).map(group => Number.parseInt(group, 16)) as [number, number]
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  }
  const [head = [], tail = []] = short.split('::').map(half => half.split(':').filter(Boolean))
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  return `${groups.slice(0, 4).join(':')}::/64`
}

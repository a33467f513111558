import type { UploadLimits } from '../../../model/message.ts'
import type { StringKey } from '../../strings.ts'

/** Why a file would be refused, known beforehand; `undefined`: it may be sent. */
export function flawOf({ name, size, type }: File, limits: UploadLimits | undefined): StringKey | undefined {
  if (!size) return 'file-empty'
  if (!limits) return undefined
  if (size > limits.size) return 'file-size'
  const end = /\.[^.]+$/.exec(name.toLowerCase())?.[0] ?? ''
  const isTaken = !limits.types.length || limits.types.includes(end) || /^image\/(png|jpeg|gif|webp)$/.test(type)
  return isTaken ? undefined : 'file-type'
}

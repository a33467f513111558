const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte']

/** Bytes as people read them, such as `2.4 MB`. */
export function sizeIn(locale: string, bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const value = bytes / 1024 ** step
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: UNITS[step]!,
    unitDisplay: step ? 'short' : 'long',
    maximumFractionDigits: value < 10 && step > 1 ? 1 : 0
  }).format(value)
}

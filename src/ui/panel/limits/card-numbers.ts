/** A digit as it is typed in English and in Arabic. */
const DIGIT = '[0-9٠-٩۰-۹]'
/** Digits, with at most one space, dot or dash between two of them. */
const RUN = new RegExp(`${DIGIT}(?:[\\s.–-]?${DIGIT})+`, 'g')
const GROUP = new RegExp(`${DIGIT}+`, 'g')
/** How payment cards begin, and how long they are: those of Amex and Diners Club are shorter than most. */
const CARD = /^(?:4\d{12}|3[47]\d{13}|3[0689]\d{12,17}|(?=\d{16,19}$)(?:4|5[0-8]|2[2-7]|35|6|8[12])\d+)$/

/** No card has more digits. */
const LONGEST = 19

/** The text with a dot in place of each digit of a card number but its last four; as it is, if there is none in it. */
export function hideCards(text: string): string {
  // An account number (IBAN) begins with two letters and two digits; a telephone number may begin with a plus.
  return text.replace(RUN, (run, at: number) => (/(^|\P{L})\p{L}{2}$|\+$/u.test(text.slice(0, at)) ? run : hideIn(run)))
}

/** A number may stand between others, such as its date: `4111 1111 1111 1111 12/28`. */
function hideIn(run: string): string {
  const groups = [...run.matchAll(GROUP)]
  for (const [first, { index: start }] of groups.entries()) {
    const numbers = groups
      .slice(first, first + LONGEST)
      .map(({ index, 0: group }) => run.slice(start, index + group.length))
    const number = numbers.findLast(isCard)
    if (number) return `${run.slice(0, start)}${withDots(number)}${hideIn(run.slice(start + number.length))}`
  }
  return run
}

function withDots(number: string): string {
  let left = digitsOf(number).length - 4
  return number.replace(new RegExp(DIGIT, 'g'), digit => (left-- > 0 ? '•' : digit))
}

function isCard(number: string): boolean {
  const digits = digitsOf(number)
  return CARD.test(digits.join('')) && passesLuhn(digits)
}

function digitsOf(number: string): readonly number[] {
  // In each of these alphabets the last four bits say which one it is.
  return (number.match(new RegExp(DIGIT, 'g')) ?? []).map(digit => digit.charCodeAt(0) & 15)
}

/** Counted from the end, every other digit counts twice; all of them together are a multiple of ten. */
function passesLuhn(digits: readonly number[]): boolean {
  const counted = digits.toReversed().map((digit, at) => (at % 2 ? ((digit * 2) % 10) + Number(digit > 4) : digit))
  return counted.reduce((sum, digit) => sum + digit, 0) % 10 === 0
}

import { expect, test } from 'vitest'
import { hideCards } from '../../../src/ui/panel/limits/card-numbers.ts'

test.each([
  ['4111111111111111', '••••••••••••1111'],
  ['My card is 4111 1111 1111 1111, thank you', 'My card is •••• •••• •••• 1111, thank you'],
  ['4111-1111-1111-1111', '••••-••••-••••-1111'],
  ['4111 1111 1111 1111 12/28 123', '•••• •••• •••• 1111 12/28 123'],
  ['2 lamps 12 5555 5555 5555 4444', '2 lamps 12 •••• •••• •••• 4444'],
  ['3782 822463 10005', '•••• •••••• •0005'],
  ['30569309025904 and 6011111111111117', '••••••••••5904 and ••••••••••••1117'],
  ['4222222222222', '•••••••••2222'],
  ['٤١١١ ١١١١ ١١١١ ١١١١', '•••• •••• •••• ١١١١']
])('hides all but the last four digits: %s', (text, hidden) => expect(hideCards(text)).toBe(hidden))

test.each([
  ['4111 1111 1111 1112', 'one digit is wrong'],
  ['Order 1234567812345670', 'no card begins like that'],
  ['+49 1512 3456784', 'a telephone number'],
  ['NO93 8601 1117 947 and DE89 3704 0044 0532 0130 00', 'account numbers'],
  ['350693098745127', 'the number of a telephone set'],
  ['41111111111111114111111111111111', 'too long'],
  ['1 2 3 4', 'too short'],
  ['', 'nothing']
])('leaves %s: %s', text => expect(hideCards(text)).toBe(text))

test('is not kept busy by a text that is full of digits', () => {
  const text = '4 '.repeat(4000)
  expect(hideCards(text)).toHaveLength(text.length)
})

import { expect, test } from 'vitest'
import { spoken, wholeUntil } from '../../../src/ui/panel/live/sentences.ts'

const whole = (text: string) => text.slice(0, wholeUntil(text))

test.each([
  ['Not yet', ''],
  ['Not yet.', ''],
  ['This one. Not', 'This one. '],
  ['It takes 1.5 amperes', ''],
  ['It takes 5. And then', 'It takes 5. '],
  ['First:\n1. Loosen', 'First:\n'],
  ['1. Loosen the screws\n2. Lift', '1. Loosen the screws\n'],
  ['“Is it?” “It is', '“Is it?” '],
  ['هل يضيء؟ نعم', 'هل يضيء؟'],
  ['明るいです。はい', '明るいです。']
])('of %j, %j can be said', (text, said) => expect(whole(text)).toBe(said))

test('marks and addresses are not read aloud', () => {
  expect(spoken('## **Switch** it `off`, see [the page](https://example.com)\n- first')).toBe(
    'Switch it off, see the page first'
  )
})

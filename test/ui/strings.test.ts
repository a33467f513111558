// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { createWords } from '../../src/ui/panel/words.ts'
import { ar } from '../../src/ui/strings/ar.ts'
import { en as early } from '../../src/ui/strings/en.ts'
import { enAttach } from '../../src/ui/strings/en-attach.ts'
import { enAttention } from '../../src/ui/strings/en-attention.ts'
import { enAway } from '../../src/ui/strings/en-away.ts'
import { enEarlier } from '../../src/ui/strings/en-earlier.ts'
import { enFiles } from '../../src/ui/strings/en-files.ts'
import { enForms } from '../../src/ui/strings/en-forms.ts'
import { enLimits } from '../../src/ui/strings/en-limits.ts'
import { enLive } from '../../src/ui/strings/en-live.ts'
import { enMail } from '../../src/ui/strings/en-mail.ts'
import { enReach } from '../../src/ui/strings/en-reach.ts'
import { enRich } from '../../src/ui/strings/en-rich.ts'
import { enRules } from '../../src/ui/strings/en-rules.ts'
import { negotiate, type Phrase } from '../../src/ui/strings.ts'

const en = {
  ...early,
  ...enAttach,
  ...enAttention,
  ...enAway,
  ...enEarlier,
  ...enFiles,
  ...enForms,
  ...enLimits,
  ...enLive,
  ...enMail,
  ...enReach,
  ...enRich,
  ...enRules
}

test('the language is the one asked for, else the page’s, else the visitor’s, else English', () => {
  expect(negotiate('ar-EG', 'en', ['en'])).toBe('ar-EG')
  expect(negotiate('', 'ar', ['en'])).toBe('ar')
  expect(negotiate('', 'xx', ['yy', 'ar'])).toBe('ar')
  expect(negotiate('', '', [])).toBe('en')
})

test('dates follow the visitor’s own variant of the page’s language', () => {
  expect(negotiate('', 'en', ['de', 'en-GB'])).toBe('en-GB')
  expect(negotiate('', 'en-US', ['en-GB'])).toBe('en-US')
})

test('plurals are those of the language', () => {
  const words = createWords('ar', ar)
  expect([1, 2, 3, 11].map(count => words.t('newCount', { count }))).toEqual([
    'رسالة جديدة',
    'رسالتان جديدتان',
    `${new Intl.NumberFormat('ar').format(3)} رسائل جديدة`,
    `${new Intl.NumberFormat('ar').format(11)} رسالة جديدة`
  ])
})

test('a place without a value stays visible', () => {
  const words = createWords('en', en)
  expect(words.t('typing')).toBe('{name} is typing')
})

test('a name of the other direction cannot turn the sentence', () => {
  const words = createWords('en', en)
  expect(words.t('typing', { name: 'مريم' })).toBe('\u2068مريم\u2069 is typing')
  expect(words.t('typing', { name: 'Mara' })).toBe('Mara is typing')
})

test('every language has every key, with the places of the English text', () => {
  expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort())
  for (const [key, phrase] of Object.entries(en)) {
    expect(places(ar[key as keyof typeof en]), key).toEqual(places(phrase))
  }
})

function places(phrase: Phrase): string[] {
  // In one and two, Arabic says the number with the word.
  const text = typeof phrase === 'string' ? phrase : phrase.other
  return (text.match(/\{\w+\}/g) ?? []).sort()
}

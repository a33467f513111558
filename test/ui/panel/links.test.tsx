// @vitest-environment happy-dom
import { render } from '@testing-library/preact'
import { expect, test } from 'vitest'
import { addressOf } from '../../../src/ui/panel/rich/addresses.ts'
import { Linked } from '../../../src/ui/panel/rich/links.tsx'

const links = (text: string) => {
  const { container } = render(<Linked text={text} />)
  expect(container.textContent).toBe(text)
  return [...container.querySelectorAll('a')].map(link => link.getAttribute('href'))
}

test.each([
  ['see https://example.com/a?b=c#d.', ['https://example.com/a?b=c#d']],
  ['(https://en.wikipedia.org/wiki/Lamp_(x))', ['https://en.wikipedia.org/wiki/Lamp_(x)']],
  ['www.example.com, and a@b.co!', ['https://www.example.com/', 'mailto:a@b.co']],
  ['two: http://a.example http://b.example', ['http://a.example/', 'http://b.example/']],
  ['javascript:alert(1) data:text/html,x ftp://x.example', []],
  ['https://', []],
  ['<a href="https://x.example">y</a>', ['https://x.example/']]
])('%s', (text, expected) => {
  expect(links(text)).toEqual(expected)
})

test('a name that only looks like another shows what it is', () => {
  expect(addressOf('https://аpple.com')).toBe('https://xn--pple-43d.com/')
})

test('stays fast with text made to be slow', () => {
  const from = performance.now()
  links(`${'a.'.repeat(4000)}@${'www.'.repeat(2000)}`)
  expect(performance.now() - from).toBeLessThan(1000)
})

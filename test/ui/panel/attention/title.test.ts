// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTitleBadge } from '../../../../src/ui/panel/attention/title.ts'

let life: AbortController
let show: (count: number) => void
beforeEach(() => {
  document.head.replaceChildren(Object.assign(document.createElement('title'), { textContent: '  Lamps  & more ' }))
  life = new AbortController()
  show = createTitleBadge(life.signal)
})
afterEach(() => life.abort())

const raw = () => document.head.querySelector('title')!.textContent

test('counts before the title, and leaves it exactly as it was', () => {
  const before = raw()
  show(2)
  expect(raw()).toBe(`(2) ${before}`)
  show(3)
  expect(raw()).toBe(`(3) ${before}`)
  show(0)
  expect(raw()).toBe(before)
})

test('keeps a title that the page gives itself meanwhile', async () => {
  show(2)
  document.title = 'Checkout'
  await expect.poll(raw).toBe('(2) Checkout')
  show(0)
  expect(raw()).toBe('Checkout')
})

test('keeps what the page makes of the title that it finds', async () => {
  document.title = 'Lamps'
  show(2)
  document.title += '!'
  show(1)
  expect(raw()).toBe('(1) Lamps!')
  show(0)
  expect(raw()).toBe('Lamps!')
})

test('changes the very node that a framework holds on to', () => {
  const node = document.head.querySelector('title')!.firstChild as Text
  show(2)
  expect(node.isConnected).toBe(true)
  node.data = 'Rendered anew'
  show(0)
  expect(raw()).toBe('Rendered anew')
})

test('leaves a page without a title without one', () => {
  document.head.replaceChildren()
  show(2)
  expect(document.head.childNodes).toHaveLength(0)
  show(0)
})

test('does not fight with another chat of this page', async () => {
  document.title = 'Lamps'
  const other = new AbortController()
  const showOther = createTitleBadge(other.signal)
  show(2)
  showOther(5)
  await expect.poll(raw).toBe('(5) (2) Lamps')
  show(3)
  await expect.poll(raw).toContain('(3) ')
  show(0)
  expect(raw()).toBe('(5) Lamps')
  other.abort()
  expect(raw()).toBe('Lamps')
})

test('takes the count away at the end', () => {
  document.title = 'Lamps'
  show(4)
  life.abort()
  expect(raw()).toBe('Lamps')
})

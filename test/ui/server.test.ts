// @vitest-environment node
import { expect, test } from 'vitest'

test('on a server, importing and mounting do nothing and do not throw', async () => {
  expect(typeof document).toBe('undefined')
  const { mount, mountChat } = await import('../../src/widget.ts')
  for (const widget of [mount(() => Promise.reject(new Error('not asked for'))), mountChat({ app: 'shop' })]) {
    widget.open()
    widget.toggle()
    widget.hide()
    expect(widget.$open.get()).toBe(false)
    widget.destroy()
  }
})

// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest'
import { createUploads } from '../../../demo/inbox/conversation/uploads.ts'
import { LIMITS } from '../../../src/transport/frames.ts'

/** Takes every file at once. */
class Taken {
  readonly upload = {}
  readonly status = 200
  responseText = ''
  onloadend?: () => void
  open() {}
  setRequestHeader() {}
  abort() {}
  async send(body: Blob) {
    const { id, name } = JSON.parse((await body.text()).split('\n')[0]!) as { id: string; name: string }
    this.responseText = JSON.stringify({ id, name, mime: 'text/plain', size: 1, url: `files/${id}` })
    this.onloadend?.()
  }
}

afterEach(() => vi.unstubAllGlobals())

test('a reply takes as many files as it may carry, and the others stay for the next', async () => {
  vi.stubGlobal('XMLHttpRequest', Taken)
  const uploads = createUploads('/api', 'token')
  const names = Array.from({ length: LIMITS.files + 2 }, (_, i) => `${i}.txt`)
  uploads.add(
    'a',
    names.map(name => new File(['x'], name))
  )
  await vi.waitFor(() => expect(uploads.$chosen.get().a?.every(({ done }) => done)).toBe(true))
  expect(uploads.take('a').map(({ name }) => name)).toEqual(names.slice(0, LIMITS.files))
  expect(uploads.$chosen.get().a?.map(({ name }) => name)).toEqual(names.slice(LIMITS.files))
  expect(uploads.take('a').map(({ name }) => name)).toEqual(names.slice(LIMITS.files))
  expect(uploads.take('a')).toEqual([])
})

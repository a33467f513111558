import type { Browser } from 'playwright'
import { describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { JPEG_WITH_PLACE, PNG } from '../support/pictures-of.ts'
import { type House, sitDown, type Visitor, visit } from '../support/world.ts'
import { useWorld } from './rig.ts'

let browser: Browser
let house: House
useWorld(
  world => {
    ;({ browser, house } = world)
  },
  { FILE_MB: '1' }
)

const bill = { name: 'bill.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 two lamps') }
const lamp = { name: 'lamp.png', mimeType: 'image/png', buffer: PNG }
const photo = { name: 'porch.jpg', mimeType: 'image/jpeg', buffer: JPEG_WITH_PLACE }
const film = { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(1_100_000) }

/** At a conversation in which files can be added. */
async function begin(options: Parameters<typeof visit>[2] = {}): Promise<Visitor> {
  const visitor = await visit(browser, house, options)
  await visitor.open()
  await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
  await expect(visitor.panel.getByRole('button', { name: 'Add files of up to 1 MB' })).toBeVisible()
  return visitor
}

const choose = ({ panel }: Visitor, ...files: readonly { name: string; mimeType: string; buffer: Buffer }[]) =>
  panel.locator('input[type=file]').setInputFiles([...files])

/** Everything that is in the conversation has arrived. */
async function settled({ panel }: Visitor, messages: number) {
  await expect(panel.getByRole('article', { name: /(Sent|Delivered|Read)$/ })).toHaveCount(messages)
}

describe('files in a real browser', () => {
  it('of three of which one is too large, two are sent, and the agent has them', async () => {
    const visitor = await begin()
    await visitor.composer.fill('Here they are')
    await choose(visitor, lamp, film, bill)
    await expect(visitor.panel.getByText('Too large. Up to 1 MB can be sent.')).toBeVisible()
    await expect(visitor.panel.getByRole('button', { name: 'Send 2 files' })).toBeVisible()
    await visitor.composer.press('Enter')
    await settled(visitor, 3)
    await expect(visitor.panel.getByRole('link', { name: 'Picture: lamp.png' })).toBeVisible()
    await expect(visitor.panel.getByText('film.mp4')).toBeVisible()
    await visitor.panel.getByRole('button', { name: 'Remove film.mp4' }).click()
    await expect(visitor.panel.getByText('film.mp4')).toHaveCount(0)

    const saving = visitor.page.waitForEvent('download')
    await visitor.panel.getByRole('link', { name: /bill.pdf/ }).click()
    expect((await saving).suggestedFilename()).toBe('bill.pdf')
    expect(visitor.complaints).toEqual([])
  })

  it('a photo goes without the place it was taken at, and turned as it was', async () => {
    expect(JPEG_WITH_PLACE.includes('GPS here')).toBe(true)
    const visitor = await begin()
    const uploading = visitor.page.waitForResponse(response => response.url().endsWith('/api/files'))
    await choose(visitor, photo)
    await visitor.panel.getByRole('button', { name: 'Send 1 file' }).click()
    const { url, width, height } = (await (await uploading).json()) as { url: string; width: number; height: number }
    await settled(visitor, 1)
    const response = await visitor.page.request.get(`${house.url}/api/${url}`)
    const stored = await response.body()
    expect(stored.includes('GPS here')).toBe(false)
    // Lying on its side in the file.
    expect([width, height]).toEqual([2, 4])
    const shown = await visitor.page.evaluate(
      async bytes => {
        const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]))
        return [bitmap.width, bitmap.height]
      },
      [...stored]
    )
    expect(shown).toEqual([2, 4])
  })

  it('what is pasted and dropped is added, and the page hears nothing of it', async () => {
    const visitor = await begin()
    const heard = await visitor.page.evaluateHandle(() => {
      const heard: string[] = []
      for (const type of ['paste', 'drop', 'dragover']) document.addEventListener(type, () => heard.push(type))
      return heard
    })
    const give = (type: string, name: string) =>
      visitor.composer.evaluate(
        (area, { type, name }) => {
          const data = new DataTransfer()
          data.items.add(new File(['words'], name, { type: 'text/plain' }))
          const init = { bubbles: true, composed: true, cancelable: true }
          const event =
            type === 'paste'
              ? new ClipboardEvent(type, { ...init, clipboardData: data })
              : new DragEvent(type, { ...init, dataTransfer: data })
          area.dispatchEvent(event)
        },
        { type, name }
      )
    await give('dragenter', 'a.txt')
    await expect(visitor.panel.getByText('Drop files here to send them')).toBeVisible()
    await give('dragover', 'a.txt')
    await give('drop', 'a.txt')
    await give('paste', 'b.txt')
    await expect(visitor.panel.getByText('Drop files here to send them')).toHaveCount(0)
    await expect(visitor.panel.getByRole('button', { name: 'Send 2 files' })).toBeVisible()
    expect(await heard.jsonValue()).toEqual([])
  })

  it('one that waits for the network survives a killed page, and is sent once and in its place', async () => {
    const visitor = await begin()
    await visitor.write('before')
    await settled(visitor, 1)
    await choose(visitor, lamp)
    await expect(visitor.panel.getByRole('button', { name: 'Send 1 file' })).toBeVisible()
    await visitor.page.waitForLoadState('networkidle')
    await visitor.context.setOffline(true)
    await visitor.panel.getByRole('button', { name: 'Send 1 file' }).click()
    await expect(visitor.panel.getByText('Goes out when the connection is back')).toBeVisible()
    await visitor.write('after')
    await expect(visitor.panel.getByRole('article', { name: /Not sent yet$/ })).toHaveCount(2)
    await visitor.page.close({ runBeforeUnload: false })

    const next = await visitor.context.newPage()
    const uploads: string[] = []
    next.on('request', request => {
      if (request.method() === 'POST' && request.url().endsWith('/api/files')) uploads.push(request.url())
    })
    await visitor.context.setOffline(false)
    await next.goto(house.url)
    const sam = await sitDown(browser, house)
    await expect.poll(() => uploads.length).toBe(1)
    const queue = sam.page.getByRole('navigation').or(sam.page.locator('.queue'))
    await expect(queue.getByText('after').first()).toBeVisible()
    const host = next.locator('porchlight-chat')
    await host.locator('.launcher').click()
    await host.locator('.line').first().click()
    const texts = () => host.locator('.bubble').evaluateAll(all => all.map(one => one.textContent))
    await expect(host.getByRole('article', { name: /(Sent|Delivered|Read)$/ })).toHaveCount(3)
    await expect(host.getByRole('link', { name: 'Picture: lamp.png' })).toBeVisible()
    expect((await texts()).map(text => text?.slice(0, 6))).toEqual(['before', '', 'after'])
    expect(uploads).toHaveLength(1)
  })

  it('one that is refused says why and keeps nothing back', async () => {
    const visitor = await begin()
    await visitor.page.route('**/api/files', async route => {
      const refusal = { code: 'rejected', reason: 'file-type', message: 'no', retryAfter: null }
      await route.fulfill({ status: 415, json: refusal })
    })
    await choose(visitor, bill)
    await visitor.panel.getByRole('button', { name: 'Send 1 file' }).click()
    await visitor.write('And what I wanted to say')
    await expect(visitor.panel.getByText('This kind of file cannot be sent here.')).toBeVisible()
    await settled(visitor, 1)
    await visitor.page.unroute('**/api/files')
    await visitor.panel.getByRole('button', { name: 'Try again' }).click()
    await settled(visitor, 2)
    await expect(visitor.panel.getByRole('link', { name: /bill.pdf/ })).toBeVisible()
  })

  it('one that goes out can be taken back, and what was written after it goes', async () => {
    const visitor = await begin()
    await visitor.page.route('**/api/files', () => {
      // Never answered.
    })
    await choose(visitor, bill)
    await visitor.panel.getByRole('button', { name: 'Send 1 file' }).click()
    await expect(visitor.panel.getByText(/^Sending…/)).toBeVisible()
    await visitor.write('Never mind')
    await visitor.panel.getByRole('button', { name: 'Cancel' }).click()
    await settled(visitor, 1)
    expect(await visitor.texts()).toEqual(['Never mind'])
  })

  it('pictures open as large as the window, one after the other, and give the focus back', async () => {
    const visitor = await begin()
    await choose(visitor, lamp, { ...lamp, name: 'second.png' })
    await visitor.panel.getByRole('button', { name: 'Send 2 files' }).click()
    await settled(visitor, 2)
    const first = visitor.panel.getByRole('link', { name: 'Picture: lamp.png' })
    await first.press('Enter')
    const box = visitor.page.locator('porchlight-chat').locator('dialog.lightbox')
    await expect(box).toHaveAccessibleName('Picture: lamp.png')
    await expect(box.getByText('1 of 2')).toBeVisible()
    await expect(box.getByRole('button', { name: 'Next picture' })).toBeFocused()
    await visitor.page.keyboard.press('ArrowRight')
    await expect(box).toHaveAccessibleName('Picture: second.png')
    await visitor.page.keyboard.press('Escape')
    await expect(box).toHaveCount(0)
    await expect(visitor.composer).toBeVisible()
    await expect(first).toBeFocused()
  })

  it('nothing jumps when a picture of the other side arrives: its room is there before it is', async () => {
    const visitor = await begin()
    // What arrives moves in for a moment, which is not what is asked about.
    await visitor.page.emulateMedia({ reducedMotion: 'reduce' })
    await visitor.write('Which one?')
    await settled(visitor, 1)
    const sam = await sitDown(browser, house)
    await sam.page.getByText('Which one?').first().click()
    let serve = () => {}
    const held = new Promise<void>(resolve => {
      serve = resolve
    })
    await visitor.page.route('**/api/files/**', async route => {
      await held
      await route.continue()
    })
    await sam.page.locator('input[type=file]').setInputFiles([photo])
    await sam.page.getByRole('button', { name: 'Send' }).click()
    const picture = visitor.panel.getByRole('img', { name: 'Picture: porch.jpg' })
    await expect(picture).toBeAttached()
    const before = await picture.boundingBox()
    expect(before!.height).toBeGreaterThan(0)
    serve()
    await expect.poll(() => picture.evaluate(image => (image as HTMLImageElement).naturalWidth)).toBe(2)
    expect(await picture.boundingBox()).toEqual(before)
  })

  it('works under the strictest policy, without a complaint', async () => {
    const visitor = await begin({ path: '/strict-csp.html' })
    await choose(visitor, lamp, bill)
    await visitor.panel.getByRole('button', { name: 'Send 2 files' }).click()
    await settled(visitor, 2)
    await visitor.panel.getByRole('link', { name: 'Picture: lamp.png' }).click()
    const image = visitor.page.locator('porchlight-chat').locator('.lightbox img')
    await expect.poll(() => image.evaluate(image => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0)
    expect(visitor.complaints).toEqual([])
  })
})

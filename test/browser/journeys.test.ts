import type { Browser } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { expect } from '../support/expect.ts'
import { type House, openBrowser, openHouse, sitDown, visit } from '../support/world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
})
afterAll(() => browser.close())

describe('with somebody home', () => {
  let house: House
  beforeAll(async () => {
    house = await openHouse()
  })
  afterAll(() => house.close())

  it('a live chat goes from the queue to the rating', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visit(browser, house)
    await expect(visitor.launcher).toHaveAccessibleName(/We’re here/)
    await visitor.open()
    await visitor.panel.getByRole('button', { name: 'Chat now' }).click()
    await expect(visitor.panel.getByText('You are next')).toBeVisible()
    await visitor.write('Is the Wren in stock?')

    const desk = sam.page
    await expect(desk.getByRole('link', { name: 'Waiting 1' })).toBeVisible()
    await desk
      .getByRole('button', { name: /^Accept/ })
      .first()
      .click()
    await expect(visitor.panel.getByText('Sam joined')).toBeVisible()
    await expect(visitor.panel.locator('.avatar').first()).toHaveText('S')

    await desk.getByRole('textbox', { name: 'Reply' }).pressSequentially('Yes, two')
    await expect(visitor.panel.getByText('Sam is typing')).toBeAttached()
    await desk.getByRole('textbox', { name: 'Reply' }).press('Enter')
    await expect(visitor.panel.getByRole('article', { name: /^Sam/ })).toContainText('Yes, two')
    await visitor.composer.pressSequentially('Thank')
    await expect(desk.getByText(/is typing/)).toBeVisible()
    await visitor.write('Thank you!')
    await expect(visitor.panel.getByRole('article', { name: /^You, .*Read$/ }).last()).toContainText('Thank you!')

    await desk.getByRole('button', { name: 'End chat' }).click()
    await desk.getByRole('button', { name: 'Yes, end it' }).click()
    await expect(visitor.panel.getByText('Sam ended the chat')).toBeVisible()
    await visitor.panel.getByText('Great', { exact: true }).click()
    await visitor.panel.getByRole('textbox', { name: /Anything to add/ }).fill('Quick and kind')
    await visitor.panel.getByRole('button', { name: 'Send rating' }).click()
    await expect(visitor.panel.getByText('Thank you. That helps us.')).toBeVisible()
    await expect(desk.getByText(/5 of 5|5\/5|Great/).first()).toBeVisible()
    expect(visitor.complaints).toEqual([])
  })

  it('the visitor leaves the queue for a message, which frees the place, and ends a chat', async () => {
    const sam = await sitDown(browser, house)
    const [first, second] = [await visit(browser, house), await visit(browser, house)]
    for (const visitor of [first, second]) {
      await visitor.open()
      await visitor.panel.getByRole('button', { name: 'Chat now' }).click()
      await expect(visitor.panel.getByText('You asked for a chat')).toBeVisible()
    }
    await expect(second.panel.getByText('1 person is before you')).toBeVisible()
    await first.panel.getByRole('button', { name: 'Leave it as a message instead' }).click()
    await expect(first.panel.getByText('This goes on as messages')).toBeVisible()
    await expect(second.panel.getByText('You are next')).toBeVisible()
    await sam.page
      .getByRole('button', { name: /^Accept/ })
      .first()
      .click()
    await second.panel.getByRole('button', { name: 'End chat' }).click()
    await second.panel.getByRole('group', { name: 'End this chat?' }).getByRole('button', { name: 'End chat' }).click()
    await expect(second.panel.getByText('You ended the chat')).toBeVisible()
  })

  it('an answer that comes while the visitor is away shows as a badge, and reading takes it away', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visit(browser, house)
    await visitor.open()
    await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
    await visitor.write('Do you mend brass lamps?')
    await expect(visitor.panel.getByRole('article', { name: /Delivered|Read/ })).toBeVisible()
    await visitor.panel.getByRole('button', { name: 'Close' }).click()
    await visitor.page.goto('about:blank')

    const desk = sam.page
    await desk.getByRole('link', { name: /^All open/ }).click()
    await desk.getByRole('link', { name: /Do you mend brass lamps/ }).click()
    await desk.getByRole('textbox', { name: 'Reply' }).fill('We do. Bring it by.')
    await desk.getByRole('textbox', { name: 'Reply' }).press('Enter')
    await expect(desk.getByRole('article', { name: /^You/ })).toBeVisible()

    await visitor.page.goto(`${house.url}/lantern.html`)
    await expect(visitor.launcher).toHaveAccessibleName(/1 unread message/)
    await visitor.open()
    await visitor.panel.getByRole('button', { name: /We do. Bring it by./ }).click()
    await expect(visitor.panel.getByText('We do. Bring it by.')).toBeVisible()
    await expect(visitor.launcher).not.toHaveAccessibleName(/unread/)
  })

  it('two visitors see nothing of each other', async () => {
    const sam = await sitDown(browser, house)
    const [ann, bob] = [await visit(browser, house), await visit(browser, house)]
    for (const [visitor, secret] of [
      [ann, 'Ann’s secret'],
      [bob, 'Bob’s secret']
    ] as const) {
      await visitor.open()
      await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
      await visitor.write(secret)
      await expect(visitor.panel.getByRole('article', { name: /Delivered|Read/ })).toBeVisible()
    }
    await sam.page.getByRole('link', { name: /^All open/ }).click()
    await sam.page.getByRole('link', { name: /Ann’s secret/ }).click()
    await sam.page.getByRole('textbox', { name: 'Reply' }).fill('For Ann only')
    await sam.page.getByRole('textbox', { name: 'Reply' }).press('Enter')
    await expect(ann.panel.getByText('For Ann only')).toBeVisible()
    await bob.write('Anybody?')
    await expect(bob.panel.getByRole('article', { name: /Delivered|Read/ })).toHaveCount(2)
    expect(await bob.texts()).toEqual(['Bob’s secret', 'Anybody?'])
    expect(await ann.texts()).toEqual(['Ann’s secret', 'For Ann only'])
    const kept = await bob.page.evaluate(dumpDatabases)
    expect(kept).toContain('Bob’s secret')
    expect(kept).not.toContain('Ann')
  })

  it('lines sent as fast as they can be written are all there, in order, on both sides', async () => {
    const { panel, composer, texts, write, open } = await visit(browser, house)
    await open()
    await panel.getByRole('button', { name: 'Leave a message' }).click()
    const lines = Array.from({ length: 32 }, (_, n) => `Line ${n}.`)
    for (const line of lines) await write(line)
    await expect(composer).toHaveValue('')
    expect(await texts()).toEqual(lines)
    await expect(panel.getByRole('article', { name: /Sent|Delivered/ })).toHaveCount(32, { timeout: 30_000 })
    const sam = await sitDown(browser, house)
    await sam.page.getByRole('link', { name: /^All open/ }).click()
    await sam.page.getByRole('link', { name: /Line 31/ }).click()
    const said = sam.page.getByRole('log')
    await expect(said.getByText('Line 31.', { exact: true })).toBeVisible()
    const seen = await said.locator('article').allInnerTexts()
    expect(seen.map(text => text.split('\n')[0])).toEqual(lines)
  })

  it('lines typed while a slow disk still stores the ones before are sent one by one', async () => {
    const visitor = await visit(browser, house, { path: '/robots.txt' })
    await visitor.page.addInitScript(slowDisk)
    await visitor.page.goto(house.url)
    await visitor.open()
    await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
    await expect(visitor.composer).toBeFocused()
    for (const line of ['Hello', 'is the Wren', 'in stock?']) {
      // At once, and not key by key: on a busy machine that takes longer than the disk.
      await visitor.page.keyboard.insertText(line)
      await visitor.page.keyboard.press('Enter')
    }
    await visitor.page.keyboard.insertText('And')
    // They leave when they are stored, and not before.
    expect(await visitor.composer.inputValue()).toMatch(/Hellois the Wrenin stock\?And$/)
    await expect(visitor.composer).toHaveValue('And')
    expect(await visitor.texts()).toEqual(['Hello', 'is the Wren', 'in stock?'])
    await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered|Read/ })).toHaveCount(3)
  })

  it('five messages written offline arrive once and in order', async () => {
    const sam = await sitDown(browser, house)
    const visitor = await visit(browser, house)
    await visitor.open()
    await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
    await visitor.write('Before')
    await expect(visitor.panel.getByRole('article', { name: /Delivered|Read/ })).toBeVisible()
    await visitor.panel.getByRole('button', { name: 'Close' }).click()
    await expect(visitor.launcher).toHaveAccessibleName(/We’re here/)
    await visitor.context.setOffline(true)
    await expect(visitor.launcher).toHaveAccessibleName('Leave us a message')
    await visitor.launcher.click()
    const notes = ['one', 'two', 'three', 'four', 'five']
    for (const note of notes) {
      await visitor.write(note)
      // The composer clears when the message is stored, and not before.
      await expect(visitor.composer).toHaveValue('')
    }
    await expect(visitor.panel.getByRole('article', { name: /Not sent yet/ })).toHaveCount(5)
    await visitor.context.setOffline(false)
    await expect(visitor.panel.getByRole('article', { name: /Delivered|Read/ })).toHaveCount(6, { timeout: 40_000 })
    await visitor.panel.getByRole('button', { name: 'Close' }).click()
    await expect(visitor.launcher).toHaveAccessibleName(/We’re here/)
    await sam.page.getByRole('link', { name: /^All open/ }).click()
    await sam.page.getByRole('link', { name: /five/ }).click()
    await expect(sam.page.locator('.message-body, article')).toHaveCount(6)
    const seen = await sam.page.locator('article').allInnerTexts()
    expect(seen.map(text => text.split('\n')[0])).toEqual(['Before', ...notes])
  })
})

describe('with nobody quick enough', () => {
  it('a chat that nobody answers goes on as messages', async () => {
    const house = await openHouse({ QUEUE_SECONDS: '5' })
    try {
      await sitDown(browser, house)
      const visitor = await visit(browser, house)
      await visitor.open()
      await visitor.panel.getByRole('button', { name: 'Chat now' }).click()
      await visitor.write('Is anybody there?')
      await expect(visitor.panel.getByText(/Nobody was free in time/)).toBeVisible({ timeout: 15_000 })
      await visitor.write('Then I will leave it here.')
      await expect(visitor.panel.getByRole('article', { name: /Delivered|Read/ })).toHaveCount(2)
      expect(await visitor.texts()).toEqual(['Is anybody there?', 'Then I will leave it here.'])
    } finally {
      await house.close()
    }
  })

  it('a chat goes on as messages when the agent leaves, and when the visitor does', async () => {
    const house = await openHouse({ AWAY_SECONDS: '1' })
    try {
      const sam = await sitDown(browser, house)
      const [ann, bob] = [await visit(browser, house), await visit(browser, house)]
      for (const visitor of [ann, bob]) {
        await visitor.open()
        await visitor.panel.getByRole('button', { name: 'Chat now' }).click()
        await visitor.write('Hello')
        await sam.page
          .getByRole('button', { name: /^Accept/ })
          .first()
          .click()
        await expect(visitor.panel.getByText('Sam joined')).toBeVisible()
      }
      await bob.context.close()
      await expect(sam.page.getByText(/left the page|goes on as messages/).first()).toBeVisible({ timeout: 40_000 })
      await sam.context.close()
      await expect(ann.panel.getByText(/Sam had to go/)).toBeVisible({ timeout: 40_000 })
      await ann.write('Then I wait for your answer here.')
      await expect(ann.panel.getByRole('article', { name: /Sent|Delivered/ }).last()).toContainText('Then I wait')
    } finally {
      await house.close()
    }
  })

  it('the assistant answers when nobody is home, and hands over on request', async () => {
    const house = await openHouse({ BOT: 'on', BOT_DELAY_MS: '50' })
    try {
      const visitor = await visit(browser, house)
      await expect(visitor.launcher).toHaveAccessibleName(/Leave us a message/)
      await visitor.open()
      await expect(visitor.panel.getByRole('button', { name: 'Chat now' })).toHaveCount(0)
      await visitor.panel.getByRole('button', { name: /message/i }).click()
      await visitor.write('When are you open?')
      await expect(visitor.panel.getByRole('article', { name: /^Fern/ })).toHaveCount(1)
      await visitor.write('I want to talk to a person')
      await expect(visitor.panel.getByText('Handed over to the team')).toBeVisible()
    } finally {
      await house.close()
    }
  })
})

describe('when things break', () => {
  it('a thread survives a reload, and a server that is killed', async () => {
    const house = await openHouse()
    try {
      const visitor = await visit(browser, house)
      await visitor.open()
      await visitor.panel
        .getByRole('button', { name: 'Send us a message' })
        .or(visitor.panel.getByRole('button', { name: 'Leave a message' }))
        .click()
      await visitor.write('Acknowledged before the end')
      await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
      await house.kill()
      await visitor.write('Written into the dark')
      await expect(visitor.composer).toHaveValue('')

      // Nothing answers any more: the page itself comes from the browser's own cache or not at all.
      await house.start()
      await visitor.page.reload()
      await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered/ })).toHaveCount(2, { timeout: 20_000 })
      expect(await visitor.texts()).toEqual(['Acknowledged before the end', 'Written into the dark'])

      const sam = await sitDown(browser, house)
      await sam.page.getByRole('link', { name: /^All open/ }).click()
      await sam.page.getByRole('link', { name: /Written into the dark/ }).click()
      await expect(sam.page.locator('article')).toHaveCount(2)
    } finally {
      await house.close()
    }
  })

  it('the widget opens at once from storage while the backend is down, and says how it is', async () => {
    const house = await openHouse()
    try {
      const visitor = await visit(browser, house)
      await visitor.open()
      await visitor.panel
        .getByRole('button', { name: /message/i })
        .first()
        .click()
      await visitor.write('Kept on this device')
      await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
      // The page and its scripts still load, but the API is not there.
      await visitor.context.route('**/api/**', route => route.abort())
      await visitor.context.routeWebSocket(/\/api\/socket/, socket => socket.close())
      await visitor.page.reload()
      await expect(visitor.panel.getByText('Kept on this device')).toBeVisible()
      await expect(visitor.panel.getByText(/No connection to us/)).toBeVisible({ timeout: 15_000 })
      await visitor.write('And this one too')
      await expect(visitor.panel.getByRole('article', { name: /Not sent yet/ })).toHaveCount(1)
    } finally {
      await house.close()
    }
  })

  it('works from memory where there is no database, and says so', async () => {
    const house = await openHouse()
    try {
      const visitor = await visit(browser, house, { path: '/robots.txt' })
      await visitor.page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }))
      await visitor.page.goto(house.url)
      await visitor.open()
      await visitor.panel
        .getByRole('button', { name: /message/i })
        .first()
        .click()
      await expect(visitor.panel.getByText(/Nothing is saved here/)).toBeVisible()
      await visitor.write('Still delivered')
      await expect(visitor.panel.getByRole('article', { name: /Sent|Delivered/ })).toBeVisible()
    } finally {
      await house.close()
    }
  })
})

describe('with something to ask', () => {
  const form = {
    fields: [
      { name: 'name', label: 'Your name', kind: 'text', required: true },
      { name: 'email', label: 'E-mail', kind: 'email', required: true },
      { name: 'terms', label: 'You may keep what I write', kind: 'consent', required: true }
    ]
  }

  it('the visitor answers before a conversation and in it, once each, and the team reads it', async () => {
    const house = await openHouse({ BOT: 'on', BOT_DELAY_MS: '50', FORM: JSON.stringify(form) })
    try {
      const visitor = await visit(browser, house)
      await visitor.open()
      const { panel } = visitor
      await panel.getByRole('button', { name: 'Leave a message' }).click()
      await panel.getByLabel('Your name').fill('Ada Lovelace')
      await panel.getByRole('button', { name: 'Go on' }).click()
      await expect(panel.getByLabel('E-mail')).toBeFocused()
      await expect(panel.getByLabel('E-mail')).toHaveAccessibleDescription('Please fill this in.')
      await expect.poll(() => visitor.page.evaluate(dumpDatabases)).toContain('Ada Lovelace')
      await visitor.page.reload()
      await panel.getByRole('button', { name: 'Leave a message' }).click()
      await expect(panel.getByLabel('Your name')).toHaveValue('Ada Lovelace')
      await panel.getByLabel('E-mail').fill('ada@example.com')
      await panel.getByLabel('You may keep what I write').check()
      await panel.getByRole('button', { name: 'Go on' }).click()
      await expect(panel.getByRole('article', { name: /^You/ })).toContainText('E-mail: ada@example.com')

      await visitor.write('Where is my parcel?')
      await panel.getByLabel('Order number').fill('F10442')
      await expect(panel.getByLabel('E-mail')).toHaveValue('ada@example.com')
      await panel.getByRole('button', { name: 'Have it looked up' }).click()
      await expect(panel.getByRole('article', { name: /^You/ }).last()).toContainText('Order number: F10442')
      await expect(panel.getByRole('form')).toHaveCount(0)
      await expect(panel.getByText('passed this on to the team')).toBeVisible()

      // What is known is not asked again.
      await panel.getByRole('button', { name: 'Back', exact: true }).click()
      await panel.getByRole('button', { name: 'Leave a message' }).click()
      await expect(visitor.composer).toBeVisible()
      await expect(panel.getByLabel('Your name')).toHaveCount(0)

      const sam = await sitDown(browser, house)
      await sam.page.getByRole('link', { name: /^All open/ }).click()
      await sam.page.getByRole('link', { name: /Ada Lovelace/ }).click()
      await expect(sam.page.getByText('Order number: F10442')).toBeVisible()
      await sam.page.getByRole('button', { name: 'Ask for contact details' }).click()
      await expect(sam.page.getByRole('article', { name: /^You/ })).toContainText('How do we best reach you?')
      expect(visitor.complaints).toEqual([])
    } finally {
      await house.close()
    }
  })
})

describe('with something to delete', () => {
  it('everything is deleted, here and at the team’s desk, and there is a receipt', async () => {
    const house = await openHouse()
    try {
      const sam = await sitDown(browser, house)
      const visitor = await visit(browser, house)
      await visitor.open()
      const { panel } = visitor
      await panel.getByRole('button', { name: 'Leave a message' }).click()
      await visitor.write('My door code is 4711')
      await expect(panel.getByRole('article', { name: /Delivered|Read/ })).toBeVisible()
      await sam.page.getByRole('link', { name: /^All open/ }).click()
      await sam.page.getByRole('link', { name: /My door code/ }).click()
      await expect(sam.page.getByRole('article')).toContainText('4711')

      await panel.getByRole('button', { name: 'Back', exact: true }).click()
      await panel.getByRole('button', { name: 'Delete everything' }).click()
      await panel.getByRole('button', { name: 'Delete everything' }).click()
      await expect(panel.getByText(/Your receipt: \S{22}/)).toBeVisible()
      await expect(panel.getByText('My door code')).toHaveCount(0)
      expect(await visitor.page.evaluate(dumpDatabases)).not.toContain('4711')
      await expect(sam.page.getByText(/had everything above erased/).first()).toBeVisible()
      await expect(sam.page.getByText('4711')).toHaveCount(0)

      await visitor.page.reload()
      await expect(panel.getByRole('button', { name: 'Leave a message' })).toBeVisible()
      await expect(panel.getByText('Your conversations')).toHaveCount(0)
      expect(visitor.complaints).toEqual([])
    } finally {
      await house.close()
    }
  })
})

describe('with a moment to take back what was sent', () => {
  it('the words are the visitor’s again, over a reload too, and none of them ever left', async () => {
    const house = await openHouse()
    try {
      const visitor = await visit(browser, house, { path: '/robots.txt' })
      const left: string[] = []
      visitor.page.on('websocket', socket => socket.on('framesent', ({ payload }) => left.push(String(payload))))
      await visitor.page.addInitScript(() => Object.assign(window, { PorchlightConfig: { undo: 600_000 } }))
      await visitor.page.goto(house.url)
      await visitor.open()
      await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
      await visitor.write('You are all fools')
      await visitor.panel.getByRole('button', { name: 'Take back' }).click()
      await expect(visitor.composer).toHaveValue('You are all fools')
      await expect(visitor.composer).toBeFocused()
      await expect(visitor.panel.getByRole('article')).toHaveCount(0)

      await visitor.page.reload()
      await expect(visitor.composer).toHaveValue('You are all fools')
      await expect.poll(() => left.join().includes('"void"')).toBe(true)
      expect(left.join()).not.toContain('fools')
    } finally {
      await house.close()
    }
  })
})

describe('with an assistant', () => {
  it('an answer grows in one bubble, goes on after a reload, and stops when the visitor has had enough', async () => {
    const house = await openHouse({ BOT: 'on', BOT_DELAY_MS: '50', BOT_WORD_MS: '1000' })
    try {
      const visitor = await visit(browser, house)
      await visitor.open()
      await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
      await visitor.write('Which bulb do I need?')
      const answer = visitor.panel.getByRole('article', { name: /^Fern/ })
      await expect(answer).toContainText('All our table')
      await visitor.page.reload()
      // Goes on from where it is by now: its beginning is there with the first word that comes.
      await expect(answer).toContainText('All our table lamps take')
      await expect(answer).toHaveCount(1)
      await visitor.panel.getByRole('button', { name: 'Stop answering' }).click()
      await expect(visitor.panel.getByText('Stopped')).toBeVisible()
      await expect(visitor.panel.getByRole('button', { name: 'Stop answering' })).toBeHidden()
      await expect(answer).toHaveCount(1)
      await expect(answer).not.toContainText('5 watts')
      expect(visitor.complaints).toEqual([])
    } finally {
      await house.close()
    }
  })

  it('who scrolls up is left there while an answer grows, until they are at its end again', async () => {
    const house = await openHouse({ BOT: 'on', BOT_DELAY_MS: '50', BOT_WORD_MS: '1500' })
    try {
      const visitor = await visit(browser, house, { viewport: { width: 1280, height: 520 } })
      await visitor.open()
      await visitor.panel.getByRole('button', { name: 'Leave a message' }).click()
      await visitor.write('Which bulb do I need?\n'.repeat(30))
      const answer = visitor.panel.getByRole('article', { name: /^Fern/ })
      await expect(answer).toContainText('All our')
      const list = visitor.panel.getByRole('log')
      const left = () =>
        list.evaluate(({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop)
      const top = () => list.evaluate(({ scrollTop }) => scrollTop)
      const length = async () => (await answer.innerText()).length
      await expect.poll(left).toBeLessThan(50)

      const paragraph = await answer.locator('p').first().elementHandle()
      await list.hover()
      await visitor.page.mouse.wheel(0, -120)
      await expect.poll(left).toBeGreaterThan(50)
      const [was, said] = [await top(), await length()]
      await expect.poll(length).toBeGreaterThan(said)
      expect(await top()).toBe(was)
      // What stands there already is the same element, not a new one with each word.
      expect(await paragraph!.evaluate(element => element.isConnected)).toBe(true)

      await visitor.page.mouse.wheel(0, 5000)
      await expect.poll(left).toBeLessThan(2)
      const then = await length()
      await expect.poll(length).toBeGreaterThan(then)
      await expect.poll(left).toBeLessThan(2)
      expect(visitor.complaints).toEqual([])
    } finally {
      await house.close()
    }
  })
})

/** Everything in IndexedDB, as text. */
async function dumpDatabases(): Promise<string> {
  const all = await indexedDB.databases()
  const dumps = all.map(
    ({ name }) =>
      new Promise<string>((resolve, reject) => {
        const request = indexedDB.open(name!)
        request.onerror = () => reject(request.error)
        request.onsuccess = () => {
          const rows = request.result.transaction('rows').objectStore('rows').getAll()
          rows.onsuccess = () => {
            request.result.close()
            resolve(JSON.stringify(rows.result))
          }
        }
      })
  )
  return (await Promise.all(dumps)).join()
}

/** From now on each transaction that writes takes half a second. */
function slowDisk() {
  const { transaction } = IDBDatabase.prototype
  IDBDatabase.prototype.transaction = function (...args) {
    const made = transaction.apply(this, args)
    const end = performance.now() + 500
    const busy = () => {
      if (performance.now() < end) made.objectStore(made.objectStoreNames[0]!).count().onsuccess = busy
    }
    if (made.mode === 'readwrite') busy()
    return made
  }
}

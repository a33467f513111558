/**
 * What tests do in their own pages, a whole task in one call: from outside each step would be a way there and back, and
 * a message would take longer than the moment at which the page is to die.
 */
const DATABASE = 'porchlight:reliability'

/** Beside it, and none of the widget's business: what is missing here, too, the browser itself has lost. */
const CONTROL = 'control'

/** Longer than anything that a page does by itself, in milliseconds. */
const PATIENCE = 60_000

/** Waits for something. */
async function until(what, check) {
  const end = performance.now() + PATIENCE
  while (!check()) {
    if (performance.now() > end) throw new Error(`waited ${PATIENCE / 1000} s for ${what}`)
    await later(1)
  }
}

const later = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

const ask = request =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const inWidget = selector => document.querySelector('porchlight-chat')?.shadowRoot.querySelector(selector)

const composer = () => inWidget('textarea')

async function openControl() {
  const opening = indexedDB.open(CONTROL)
  opening.onupgradeneeded = () => opening.result.createObjectStore('rows')
  return ask(opening)
}

/** Stored values whose keys begin like this; none where nothing was ever stored. */
async function stored(...prefix) {
  const databases = await indexedDB.databases()
  // Asking for one that is not there would make it, without what belongs into it.
  if (!databases.some(({ name }) => name === DATABASE)) return []
  const database = await ask(indexedDB.open(DATABASE))
  try {
    const range = IDBKeyRange.bound(prefix, [...prefix, []], false, true)
    return await ask(database.transaction('rows').objectStore('rows').getAll(range))
  } finally {
    database.close()
  }
}

/** Texts of messages that wait to be sent, in the order of their numbers. */
async function waiting() {
  const rows = await stored('outbox')
  return rows.filter(({ command }) => command.type === 'message').map(({ command }) => command.text)
}

/** Texts of our messages on the screen, from top to bottom. */
const shown = () =>
  [...(inWidget('.list')?.querySelectorAll('.bubble.out') ?? [])].map(bubble => bubble.textContent.trim())

/** What the banner in the widget says; nothing while all is well. */
const banner = () => inWidget('.banner')?.textContent ?? ''

globalThis.hands = {
  stored,
  waiting,
  shown,
  banner,

  /** Texts of the messages of others on the screen. */
  heard: () => [...(inWidget('.list')?.querySelectorAll('.bubble.in') ?? [])].map(bubble => bubble.textContent.trim()),

  /** How many of our messages are shown as failed. */
  failed: () => inWidget('.list')?.querySelectorAll('.bubble.failed').length ?? 0,

  /** Whether this tab is the one with the link. */
  leads: () => globalThis.seen.sockets.some(({ readyState }) => readyState === WebSocket.OPEN),

  /** Drops the whole database as another page of the site may; gives how long that took, in milliseconds. */
  async remove() {
    const begun = performance.now()
    await ask(indexedDB.deleteDatabase(DATABASE))
    return performance.now() - begun
  },

  /** Makes the database one of a later version, with something in it that today's code does not know. */
  async upgrade(version) {
    const begun = performance.now()
    const opening = indexedDB.open(DATABASE, version)
    opening.onupgradeneeded = () => {
      const { result, transaction } = opening
      if (!result.objectStoreNames.contains('rows')) result.createObjectStore('rows')
      result.createObjectStore('later')
      transaction.objectStore('rows').put({ from: 'later' }, ['of-a-later-version'])
    }
    const database = await ask(opening)
    database.close()
    return performance.now() - begun
  },

  /** Fills the database until it takes nothing any more. */
  async fill() {
    const database = await ask(indexedDB.open(DATABASE))
    const put = (size, n) =>
      new Promise(resolve => {
        const writing = database.transaction('rows', 'readwrite')
        writing.objectStore('rows').put('x'.repeat(size), ['filler', size, n])
        writing.oncomplete = () => resolve(true)
        writing.onabort = () => resolve(false)
      })
    for (const size of [20_000, 2000, 200]) for (let n = 0; await put(size, n); n++);
    database.close()
  },

  /** Holds the database open, and lets nobody upgrade or remove it until `release` is called. */
  async hold() {
    const opening = indexedDB.open(DATABASE)
    opening.onupgradeneeded = () => opening.result.createObjectStore('rows')
    const database = await ask(opening)
    globalThis.release = () => database.close()
  },

  /** Stores something that is as safe as a message of the widget. */
  async mark(name) {
    const database = await openControl()
    const writing = database.transaction('rows', 'readwrite', { durability: 'strict' })
    writing.objectStore('rows').put(name, name)
    await new Promise((resolve, reject) => {
      writing.oncomplete = resolve
      writing.onabort = () => reject(writing.error)
    })
    database.close()
  },

  /** Whether the browser has kept that. */
  async marked(name) {
    const database = await openControl()
    try {
      return (await ask(database.transaction('rows').objectStore('rows').count(name))) === 1
    } finally {
      database.close()
    }
  },

  /** Opens the panel on a thread, and waits until one can write in it. */
  async open(threadId) {
    const before = composer()
    globalThis.Porchlight('open', threadId)
    await until('a composer', () => composer() && composer() !== before)
  },

  /** Writes into the composer as a visitor does, one message after the other; tells `accepted` when it has cleared. */
  async write(texts) {
    const area = composer()
    area.focus()
    for (const text of texts) {
      area.value = text
      area.dispatchEvent(new InputEvent('input', { bubbles: true }))
      area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
      await until(`${text} to be accepted`, () => !area.value)
      globalThis.accepted?.(text)
    }
  },

  /** Tells `accepted` of each message that somebody else types, as soon as the composer has cleared. */
  async watch(texts) {
    for (const text of texts) {
      await until(`${text} to be written`, () => composer().value === text)
      await until(`${text} to be accepted`, () => !composer().value)
      globalThis.accepted?.(text)
    }
  },

  /** Waits until nothing waits and all is shown, but not for longer than this; gives what there is then. */
  async quiet(threadId, patience) {
    const end = performance.now() + patience
    for (;;) {
      const left = await waiting()
      const messages = await stored('message', threadId)
      const kept = messages.filter(({ author }) => author === 'visitor').map(({ text }) => text)
      const quiet = !left.length && shown().length === kept.length
      if (quiet || performance.now() > end) return { waiting: left, kept, shown: shown() }
      await later(20)
    }
  }
}

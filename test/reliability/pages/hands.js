/**
 * What tests do in their own pages, a whole task in one call: from outside each step would be a way there and back, and
 * a message would take longer than the moment at which the page is to die.
 */
const DATABASE = 'porchlight:reliability'

const later = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

const ask = request =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const inWidget = selector => document.querySelector('porchlight-chat')?.shadowRoot.querySelector(selector)

const composer = () => inWidget('textarea')

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

globalThis.hands = {
  stored,
  waiting,
  shown,

  /** Opens the panel on a thread, and waits until one can write in it. */
  async open(threadId) {
    const before = composer()
    globalThis.Porchlight('open', threadId)
    while (!composer() || composer() === before) await later(4)
  },

  /** Writes into the composer as a visitor does, one message after the other; tells `accepted` when it has cleared. */
  async write(texts) {
    const area = composer()
    area.focus()
    for (const text of texts) {
      area.value = text
      area.dispatchEvent(new InputEvent('input', { bubbles: true }))
      area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
      while (area.value) await later(1)
      globalThis.accepted(text)
    }
  },

  /** Tells `accepted` of each message that somebody else types, as soon as the composer has cleared. */
  async watch(texts) {
    for (const text of texts) {
      while (composer().value !== text) await later(1)
      while (composer().value) await later(1)
      globalThis.accepted(text)
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

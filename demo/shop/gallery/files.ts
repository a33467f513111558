import { TransportError } from '../../../src/index.ts'
import type { Transport, Upload } from '../../../src/transport/transport.ts'
import { AWAY, ago, answer, ask, SEEN, TALK } from './cast.ts'
import { type Group, type Stage, type State, THREAD } from './state.ts'

/** A picture of the shop, where this page can fetch it. */
const PORCH = {
  id: 'porch',
  name: 'porch at night.jpg',
  mime: 'image/jpeg',
  size: 15_920,
  url: 'gallery/porch.jpg',
  width: 480,
  height: 320
}
const BILL = { id: 'bill', name: 'Repair of two lamps, May.pdf', mime: 'application/pdf', size: 184_000, url: 'bill' }

const LIMITS = { size: 10 * 1_048_576, count: 20, types: ['.png', '.jpg', '.pdf', '.txt'] }

/**
 * A transport that takes files, if this state is about them: what their names ask for becomes of them. `slow` never
 * arrives, `refused` is not taken.
 */
export function withFiles(transport: Transport, state: State): Transport {
  if (!state.files) return transport
  const upload = async ({ id, name, file, onProgress }: Upload) => {
    if (name.includes('refused')) throw new TransportError('rejected', 'not taken', { reason: 'file-type' })
    if (name.includes('slow')) {
      setInterval(onProgress, 200, 0.4)
      await new Promise(() => {})
    }
    return { id, name, mime: file.type, size: file.size, url: URL.createObjectURL(file) }
  }
  return {
    name: transport.name,
    async connect(request) {
      const connection = await transport.connect(request)
      const capabilities = { ...connection.capabilities, upload: LIMITS, base: location.href }
      return { ...connection, capabilities, upload }
    }
  }
}

/** The porch under these names, as files that a visitor chooses. */
async function photos(...names: readonly string[]): Promise<readonly File[]> {
  const bytes = await (await fetch(PORCH.url)).arrayBuffer()
  return names.map(name => new File([bytes], name, { type: 'image/jpeg' }))
}

async function choose({ find }: Stage, files: readonly File[]): Promise<void> {
  const input = (await find('.composer input')) as HTMLInputElement
  const data = new DataTransfer()
  for (const file of files) data.items.add(file)
  input.files = data.files
  input.dispatchEvent(new Event('change', { bubbles: true }))
}

/** Chooses files and sends them. */
async function send(stage: Stage, files: readonly File[]): Promise<void> {
  await choose(stage, files)
  await stage.press('.tray .main')
}

const state = (name: string, title: string, sees: string, more: Partial<State> = {}): State => ({
  name,
  title,
  open: THREAD,
  script: [AWAY, ...TALK],
  files: true,
  sees,
  ...more
})

const said = (attachments: readonly (typeof PORCH | typeof BILL)[], text = '') =>
  ({ ...answer(text, { at: ago.minutes(2) }), attachments }) as const

export const files: Group = {
  title: 'Files',
  states: [
    state('files-button', 'Files are taken', '.attach'),
    state('files-chosen', 'Three are chosen, one is too large', '.tray .flawed', {
      async act(stage) {
        const film = new File([new Uint8Array(LIMITS.size + 1)], 'the whole evening.jpg', { type: 'image/jpeg' })
        const bill = new File(['%PDF-1.7'], 'bill of last year.pdf', { type: 'application/pdf' })
        await choose(stage, [...(await photos('porch.jpg')), bill, film])
      }
    }),
    state('files-drop', 'Files are held over the panel', '.drop', {
      async act({ find }) {
        const data = new DataTransfer()
        data.items.add(new File(['x'], 'x.txt'))
        await find('.attach')
        const panel = await find('.panel')
        panel.dispatchEvent(new DragEvent('dragenter', { dataTransfer: data }))
      }
    }),
    state('files-sending', 'One is on its way', 'progress[value]', {
      act: async stage => send(stage, await photos('slow porch.jpg'))
    }),
    state('files-refused', 'One of three was not taken', '.meta.failed', {
      act: async stage => send(stage, await photos('one.jpg', 'refused.jpg', 'three.jpg'))
    }),
    state('files-offline', 'One waits for the connection', '.files .text', {
      async act(stage) {
        await choose(stage, await photos('porch.jpg'))
        await stage.find('.tray .file-face canvas')
        stage.cue()
        await stage.find('.banner')
        await stage.press('.tray .main')
      },
      script: [AWAY, ...TALK, { do: 'await', what: 'typing' }, { do: 'link', is: 'offline' }]
    }),
    state('files-picture', 'A picture from the team', '.picture img', {
      script: [AWAY, ask('What does it look like at night?', { at: ago.minutes(5) }), said([PORCH]), SEEN]
    }),
    state('files-words', 'A picture and a bill, with words', 'a.file', {
      script: [
        AWAY,
        ask('May I see it?', { at: ago.minutes(5) }),
        said([PORCH, BILL], 'Here it is, with **what it cost**. The other two hang inside.'),
        SEEN
      ]
    }),
    state('files-lightbox', 'A picture as large as the window', '.lightbox img', {
      script: [AWAY, ask('May I see them?', { at: ago.minutes(5) }), said([PORCH, { ...PORCH, id: 'other' }]), SEEN],
      act: ({ press }) => press('.picture')
    })
  ]
}

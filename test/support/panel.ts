import { act, within } from '@testing-library/preact'
import type { Chat } from '../../src/core/chat.ts'
import { checkLook, type LookOptions } from '../../src/ui/look.ts'
import { openPanel } from '../../src/ui/panel/index.tsx'
import type { Panel } from '../../src/ui/panel.ts'
import { allStrings } from '../../src/ui/strings.ts'

const { matches } = Element.prototype
/** As in a browser: happy-dom finds the focus in the document, and not in a shadow root. */
Element.prototype.matches = function (this: Element, selector: string) {
  if (selector === ':focus') return (this.getRootNode() as Document | ShadowRoot).activeElement === this
  return matches.call(this, selector)
} as typeof matches

/** The panel on a page of its own, and what it said aloud. */
export interface ShownPanel {
  readonly panel: Panel & { dispose(): void }
  readonly root: ShadowRoot
  readonly said: string[]
  readonly alerts: string[]
  /** Looks for what people perceive, inside the shadow root. */
  readonly see: ReturnType<typeof within>
  readonly closed: () => number
}

export async function showPanel(
  chat: Chat,
  { threadId, focus = true, ...options }: LookOptions & { threadId?: string; focus?: boolean } = {}
): Promise<ShownPanel> {
  // Comes late on a page, and would come at any time in a test.
  await import('../../src/ui/panel/away/index.tsx')
  await import('../../src/ui/panel/earlier/index.tsx')
  await import('../../src/ui/panel/forms/index.tsx')
  await import('../../src/ui/panel/limits/index.tsx')
  await import('../../src/ui/panel/live/index.tsx')
  await import('../../src/ui/panel/mail/index.tsx')
  await import('../../src/ui/panel/reach/index.tsx')
  await import('../../src/ui/panel/rich/index.tsx')
  document.body.replaceChildren()
  const host = document.body.appendChild(document.createElement('porchlight-chat'))
  const root = host.attachShadow({ mode: 'open' })
  const frame = document.createElement('div')
  root.append(frame)
  const look = checkLook(options)
  const locale = look.locale || 'en'
  const strings = { ...(await allStrings(locale)), ...look.strings }
  const said: string[] = []
  const alerts: string[] = []
  const life = new AbortController()
  let closed = 0
  let panel!: Panel
  await act(async () => {
    panel = await openPanel({
      root,
      frame,
      launcher: document.createElement('button'),
      signal: life.signal,
      chat,
      look,
      locale,
      strings,
      announcer: { say: text => said.push(text), alert: text => alerts.push(text) },
      onClose: () => {
        closed++
      }
    })
    panel.show(threadId, focus)
  })
  return {
    panel: { ...panel, dispose: () => life.abort() },
    root,
    said,
    alerts,
    see: within(panel.element),
    closed: () => closed
  }
}

/** Lets everything that was begun come to its end, and be rendered. */
export function settle(): Promise<void> {
  return act(() => new Promise(resolve => setTimeout(resolve)))
}

/** Does something, and lets the panel be rendered after it. */
export function perform(work: () => unknown): Promise<void> {
  return act(async () => {
    await work()
  })
}

import { atom, type ReadableAtom } from 'nanostores'
import type { ThreadId } from '../model/thread.ts'
import type { Page } from '../page/page.ts'
import { patched, type Rows } from './rows.ts'

/** How long after a key a draft is stored at the latest, in milliseconds: somebody may type for long without a pause. */
const PAUSE = 300

export interface Drafts {
  readonly $drafts: ReadableAtom<Readonly<Record<ThreadId, string>>>
  write(threadId: ThreadId, text: string): void
  /**
   * This text is accepted in the commit whose turn it is: no late write may bring it back.
   *
   * @returns Whether that commit is to drop the draft; not, if what is stored by now was typed since.
   */
  forget(threadId: ThreadId, text: string | undefined): boolean
  /** Stores what is not stored yet; settles when that was tried. */
  save(): Promise<void>
  close(): void
}

/** What is half written, by thread: shown at once, stored a moment later, and when the page is left. */
export function createDrafts(rows: Rows, page: Page): Drafts {
  const $drafts = atom<Readonly<Record<ThreadId, string>>>({})
  const unsaved = new Map<ThreadId, string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const clear = () => {
    unsaved.clear()
    $drafts.set({})
  }
  // What was typed a moment ago is neither shown nor stored where somebody signs out.
  rows.on('leaving', clear)
  // Before the drafts: those that are told at once, or with a life, are of that life.
  rows.on('life', clear)
  rows.on('draft', changes => {
    // What is being typed here is newer than what storage has.
    $drafts.set(
      patched(
        $drafts.get(),
        changes.filter(({ key }) => !unsaved.has(String(key[1])))
      )
    )
  })

  const save = async () => {
    clearTimeout(timer)
    timer = undefined
    if (!unsaved.size) return
    await rows
      // When its turn has come: what is sent until then is no draft any more.
      .commit(() => {
        const changes = [...unsaved].map(([id, text]) =>
          text ? { put: ['draft', id], value: text } : { drop: ['draft', id] }
        )
        unsaved.clear()
        return changes
      })
      // A draft that cannot be stored is still on the screen.
      .catch(() => {})
  }

  const unbind = [page.on('hide', save), page.on('leave', save)]

  return {
    $drafts,
    write(id, text) {
      if (($drafts.get()[id] ?? '') === text) return
      unsaved.set(id, text)
      $drafts.set(patched($drafts.get(), [{ key: ['draft', id], value: text || undefined }]))
      timer ??= setTimeout(save, PAUSE)
    },
    forget(id, text) {
      // What was typed since is another one.
      if (unsaved.get(id) === text) unsaved.delete(id)
      return unsaved.has(id) || $drafts.get()[id] === text
    },
    save,
    close() {
      void save()
      for (const stop of unbind) stop()
    }
  }
}
